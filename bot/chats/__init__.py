"""One module or folder for each platform: updates in, messages out. The only asynchronous code besides delivery and app."""
