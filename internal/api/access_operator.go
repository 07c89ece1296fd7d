package api

// operatorAccess goes on with access: what those do who run certd.
func operatorAccess() map[string]rule {
	return map[string]rule{
		"GET /admin":                                    anyStaff,
		"GET /admin/login":                              open,
		"POST /admin/login":                             open,
		"POST /admin/logout":                            anyStaff,
		"GET /admin/assets/{name}":                      open,
		"GET /admin/certificates":                       staffRead,
		"GET /admin/certificates/{number}":              staffRead,
		"GET /admin/certificates/{number}/image":        staffRead,
		"GET /admin/certificates/{number}/pdf":          staffRead,
		"GET /admin/certificates/{number}/credential":   staffRead,
		"POST /admin/certificates/{number}/status":      changers,
		"GET /admin/certificates/{number}/replacement":  replacers,
		"POST /admin/certificates/{number}/replacement": replacers,
		"GET /admin/issue":                              issuers,
		"POST /admin/issue":                             issuers,
		"POST /admin/preview":                           issuers,
		"GET /admin/import":                             issuers,
		"POST /admin/import":                            issuers,
		"POST /admin/import/issue":                      issuers,
		"GET /admin/templates":                          anyStaff,
		"GET /admin/templates/{template}/image":         anyStaff,

		"GET /control/webhooks":                       local,
		"POST /control/webhooks":                      local,
		"DELETE /control/webhooks/{endpoint}":         local,
		"POST /control/webhooks/{endpoint}/rotation":  local,
		"POST /control/webhooks/{endpoint}/enabling":  local,
		"GET /control/webhooks/{endpoint}/deliveries": local,
		"POST /control/webhooks/{endpoint}/replay":    local,
	}
}
