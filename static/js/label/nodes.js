// HTML that the server made harmless, as nodes. Parsed in a document of its own, where nothing runs or loads.
export const nodesOf = (html) => [...new DOMParser().parseFromString(html, "text/html").body.childNodes].map((node) => document.adoptNode(node));
