"""What a site says besides its posts: templates, the few words they say in each language, pages, colours."""
