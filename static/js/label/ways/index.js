// The ways to label: the script of each, loaded when its page is.
const WAYS = {
  chat: () => import("./chat.js"),
  pairwise: () => import("./pairwise.js"),
  demonstration: () => import("./writing.js"),
  edit: () => import("./writing.js"),
  steps: () => import("./steps.js"),
  rubric: () => import("./rubric.js"),
};

export const wayOf = async (name, parts) => new (await WAYS[name]()).default(parts);
