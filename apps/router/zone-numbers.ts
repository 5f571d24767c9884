/** Numbers of firewall zones that no file gives. */

/** Zone number of the router itself, `fw` in the file. */
export const FW = 255;
