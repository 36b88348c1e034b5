"""What a site shows besides its posts: templates, their words in each language, pages, colours."""
