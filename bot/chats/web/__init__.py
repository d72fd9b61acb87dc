"""The demo as a local page: members' phones and the coordinators' room side by side, in a browser on this machine."""
