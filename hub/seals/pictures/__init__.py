"""Pictures of seals: drawn from a specification, checked when they are uploaded, and their texts against the owner."""
