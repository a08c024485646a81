"""How words sound: pronunciations, their phones, and how long those take."""
