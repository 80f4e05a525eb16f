// Sends on what the identity platform answered, from a page of this hub. Without script a person does it by the button.
document.getElementById("arriving").requestSubmit();
