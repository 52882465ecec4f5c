"""The shop in containers: Docker's command line, and all images in one file."""
