package api_test

// operatorTable goes on with accessTable, under a head of its own: what those who run certd do.
const operatorTable = `
operation                                    object nobody issue read status admin issue:course read@acme issue@acme revoked learner learner+issue enterprise enterprise@acme chief forged socket status@acme
GET /control/webhooks                        -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    200    404
POST /control/webhooks                       -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    400    404
DELETE /control/webhooks/{endpoint}          -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404
POST /control/webhooks/{endpoint}/rotation   -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404
POST /control/webhooks/{endpoint}/enabling   -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404
GET /control/webhooks/{endpoint}/deliveries  -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404
POST /control/webhooks/{endpoint}/replay     -      404    404   404  404    404   404          404       404        404     404     404           404        404             404   404    404    404
`
