// How long the page was in front of somebody who was there: visible, and something moved in the last minute.
const IDLE_AFTER_MS = 60_000;

export const visibleTime = () => {
  let total = 0;
  let since = null;
  let lastMove = performance.now();

  const here = () => !document.hidden && performance.now() - lastMove < IDLE_AFTER_MS;
  const count = () => {
    const now = performance.now();
    if (since !== null) total += Math.min(now, lastMove + IDLE_AFTER_MS) - since;
    since = here() ? now : null;
  };

  const moved = () => {
    count();
    lastMove = performance.now();
    if (!document.hidden && since === null) since = lastMove;
  };

  document.addEventListener("visibilitychange", count);
  for (const sign of ["scroll", "pointermove", "keydown", "pointerdown"]) {
    addEventListener(sign, moved, { passive: true, capture: true });
  }

  return {
    spent() { count(); return Math.max(0, total); },
    restart() { total = 0; since = null; moved(); },
  };
};
