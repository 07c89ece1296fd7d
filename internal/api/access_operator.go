package api

// operatorAccess goes on with access: what those do who run certd.
func operatorAccess() map[string]rule {
	return map[string]rule{
		"GET /control/webhooks":                       local,
		"POST /control/webhooks":                      local,
		"DELETE /control/webhooks/{endpoint}":         local,
		"POST /control/webhooks/{endpoint}/rotation":  local,
		"POST /control/webhooks/{endpoint}/enabling":  local,
		"GET /control/webhooks/{endpoint}/deliveries": local,
		"POST /control/webhooks/{endpoint}/replay":    local,
	}
}
