// The ways to label: the script of each, loaded when its page is.
const WAYS = {
  chat: () => import("./chat.js"),
  demonstration: () => import("./writing.js"),
  edit: () => import("./writing.js"),
  likert: () => import("./likert.js"),
  pairwise: () => import("./pairwise.js"),
  ranking: () => import("./ranking.js"),
  rubric: () => import("./rubric.js"),
  steps: () => import("./steps.js"),
  thumbs: () => import("./thumbs.js"),
};

export const wayOf = async (name, parts) => new (await WAYS[name]()).default(parts);
