// Package interaction speaks to the Interaction service, the system that owns media files and is asked to delete them (design, section 4). What it says
// to the service is described in openapi.yaml.
package interaction
