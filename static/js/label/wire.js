// Sends a JSON object and says in one word what became of it:
// ok · refused (the server says no, with a reason) · offline · away · signed-out · other-person · no-access.
const PATIENCE_MS = 20_000;

const token = () =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]").value;

export const post = async (url, body, { keepalive = false } = {}) => {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      redirect: "manual",
      keepalive,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    return { kind: navigator.onLine ? "away" : "offline" };
  }
  if (response.type === "opaqueredirect") return { kind: "signed-out" };
  if (response.status >= 500 || response.status === 429) return { kind: "away" };
  const data = await response.json().catch(() => null);
  if (response.ok && data) return { kind: "ok", data };
  if (data?.code === "other_person") return { kind: "other-person" };
  if (data?.code) return { kind: "refused", ...data };
  return { kind: "no-access" };
};
