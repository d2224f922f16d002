"""The laboratory: the same programs in Addax and in its peers, measured side by side. See README.md."""
