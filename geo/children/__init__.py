"""Child processes for foreign files: started warm or cold, fed, listened to, killed. Nothing here reads a foreign byte."""
