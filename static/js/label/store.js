// Lists kept in this browser, shared by its tabs. Where storage is off or full they live in memory, and `lasting` says so.
const memory = new Map();
export let lasting = true;

export const read = (key, empty) => {
  if (memory.has(key)) return memory.get(key);
  try {
    return JSON.parse(localStorage.getItem(key)) ?? empty;
  } catch {
    return empty;
  }
};

export const write = (key, value) => {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    memory.delete(key);
  } catch {
    memory.set(key, value);
    lasting = false;
  }
};

export const forget = (key) => {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch { /* there was nothing to forget */ }
};

export const keys = (prefix) => {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
};
