"""The press that every paper leaves by: layout and glyphs, no word of lending."""
