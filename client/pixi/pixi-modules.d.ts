// Entries of pixi.js that only register what they name; pixi ships no types for them.
declare module "pixi.js/graphics";
declare module "pixi.js/mesh";
