"""Visavis: a real-time conversational avatar. Read `docs/architecture.md` for the way through the house."""
