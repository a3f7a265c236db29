"""The parts of the window, each a picture or a group of controls, and how they are laid out."""
