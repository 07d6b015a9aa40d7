// Package fetch downloads recordings whose addresses vCons name. Who writes a vCon can write any address into it, so that only hosts which an operator listed are
// asked, and only at public addresses: nothing inside the network that this server stands in can be reached through it.
package fetch
