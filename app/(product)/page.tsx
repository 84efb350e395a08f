/** The inbox is the home page. */
export { default, metadata } from "./inbox/page.tsx";
