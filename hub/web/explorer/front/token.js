// What can be said of an access token without asking the hub: when it ends.
export function until(token) {
  if (!token) return "未登录：仅目录 · without one: the catalogue only";
  const end = endOf(token);
  if (!end) return "不是访问令牌 · this is no access token";
  const time = end.toLocaleTimeString();
  return end > new Date() ? `有效至 · good until ${time}` : `已过期 · expired at ${time}`;
}

function endOf(token) {
  try {
    const claims = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const { exp } = JSON.parse(atob(claims));
    return Number.isFinite(exp) ? new Date(exp * 1000) : null;
  } catch {
    return null;
  }
}
