// The terminals of a page.
