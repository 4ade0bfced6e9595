// What is being pressed is drawn anew when it is let go: a button that is replaced under the pointer gets no click.

// Whether `root` is pressed just now; then `draw` runs after it. No event tells when: a finger's click comes while it is pressed still.
export function pressed(root, draw) {
  if (!root.matches(":active")) return false;
  const look = () => (root.matches(":active") ? requestAnimationFrame(look) : draw());
  requestAnimationFrame(look);
  return true;
}
