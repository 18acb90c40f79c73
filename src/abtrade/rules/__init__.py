"""Rules as data: read and checked, gathered into packs, compiled to numbers."""
