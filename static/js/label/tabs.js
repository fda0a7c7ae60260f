// One tab labels at a time. The newest wins; the others step aside until somebody asks them back.
export const alone = (name, aside) => {
  if (!("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel(name);
  channel.addEventListener("message", aside);
  channel.postMessage("here");
};
