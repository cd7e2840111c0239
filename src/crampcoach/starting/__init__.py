"""How a system starts crampcoach: at login, and from its applications menu."""
