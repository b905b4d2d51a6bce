package main

import (
	"fmt"

	"kubergarten/wasm/guest/httpwire"
)

// reasonText is nginx's own wording of the codes.
func reasonText(code int) string {
	switch code {
	case 302:
		return "Moved Temporarily"
	case 405:
		return "Not Allowed"
	case 503:
		return "Service Temporarily Unavailable"
	case 504:
		return "Gateway Time-out"
	case 444:
		return "Closed"
	}
	return httpwire.StatusText(code)
}

// titles of pages that differ from the status line.
func pageTitle(code int) string {
	switch code {
	case 401:
		return "401 Authorization Required"
	case 413:
		return "413 Request Entity Too Large"
	}
	return fmt.Sprintf("%d %s", code, reasonText(code))
}

// page is nginx's built-in error page.
func page(code int, title, product string) string {
	if title == "" {
		title = pageTitle(code)
	}
	head := title
	if code == 400 && title != "400 Bad Request" {
		return fmt.Sprintf("<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>%s</center>\r\n<hr><center>%s</center>\r\n</body>\r\n</html>\r\n", title, title[4:], product)
	}
	return fmt.Sprintf("<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n<hr><center>%s</center>\r\n</body>\r\n</html>\r\n", head, head, product)
}
