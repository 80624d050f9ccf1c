// Package e2e drives the real program, as a process of its own, over HTTP.
//
// Most of it is scenarios: the text files in scenarios/, each a story that a
// partner's engineer could have typed. Every one is run on SQLite and on
// PostgreSQL, in a world of its own (or, when it restarts the server, on a server
// of its own), in parallel with the others; and every one ends with check, the
// audit of all invariants. Every request and answer is held to the OpenAPI
// documents on its way, through package contract.
//
// # The language of scenarios
//
// A line is a comment (#, the story), a command, or a request.
//
// A request is its line, its headers, its body, and an empty line; then what must
// be answered:
//
//	POST /Product/v1/priceRequest
//	x-customer-number: 1-ABCDE
//	{"speed": "100 Mbps", …}
//
//	=> 200
//	   price[0].price == $0.46
//	   id ~ ^NaaS-
//
// The token of the present actor, its customer and Content-Type go along (below
// /bot-ux/ its client_id and client_secret instead) unless the request has those
// headers itself; "Authorization:" with nothing after it leaves one out, and a header
// that is written twice is sent twice. POST! (and GET!, …) is a request that breaks
// the contract on purpose; without the mark, a request that does so fails the
// scenario. A body begins with { or [, or with a word:
//
//	form grant_type=client_credentials      as a form, the rest of the line
//	text anything                           as it is written, the rest of the line
//	bytes 2000000                           so many bytes of a JSON text
//	body order                              a body that was named with let, changed:
//	   productOrderItem[0].quantity = 2         a value (JSON, or else a text)
//	   externalId gone                          without it
//
// "=> 400 quote_expired" asks for a status and, in an error, for its reason. "~> 401"
// does the same of what takes a moment: the GET is sent again until it all holds. The
// indented lines below are checks, a path and what it must be:
//
//	path == value       the JSON value, or the text
//	path != value
//	path ~ pattern      a regular expression that the text has
//	path has 3          so many elements
//	path holds text     an array with this element, or a text with this in it; path lacks text
//	path there          it exists;  path gone: it does not
//
// A path is names and indexes, a[0].b, counted from the end when negative;
// list[name=Bandwidth].value takes the first element whose name is Bandwidth.
// "header Name" is a header of the answer, "." the whole body, which ". is name" holds
// to one that was named with let: key by key in its order, spelt alike. Below "hook" is
// what the scenario's webhook receiver got: hook[0].type, .id, .path, .body, .headers; below
// "provider" what its marketplace provider got: provider[0].path, .key, .attempt, .test,
// .body, .headers. XML is looked into as the JSON that it would be: an element is its
// text, or an object of its attributes and elements; those in an element that is called
// as they are, with an s, are an array: PartnerNotification[0].date. "cli" is what the
// last command of the program printed, "cli pattern" the first group of a regular
// expression in it.
//
// Values that are used again are captured and written ${name}:
//
//	capture quote = id        from the last answer (or hook[0].id, header Location, cli id (\S+))
//	set old = ${token}        any text
//	let order =               a body, up to the next empty line
//
// Known from the start: ${base} of the server, ${customer}, ${hook} (the URL of the
// receiver), ${provider} (the base URL of the provider), and of the present actor
// ${world}, ${client}, ${secret}, ${token} and ${basic}.
//
// Commands:
//
//	advance PT15M | advance to 2030-01-01T00:00:00Z    move the world's clock
//	freeze | thaw                                      stop it, let it flow
//	await /path a.b == value      ask until the check holds
//	expect path == value          a check outside an answer
//	world second                  make another world; use second, use main
//	actor third ${id} ${client} ${secret}    one whose keys are known already
//	login                         get a new token (advance does so by itself)
//	hook answers 500, 500, 410    what the receiver says next, then 204 again
//	hook verifies ${whsec}        each signature must fit (several: any must)
//	hook expect a, b              exactly these types arrive next, in this order; that of a
//	                              notification in XML is "voice 10002", its code, and "voice
//	                              10002 DENVER" when it is about one rate center
//	hook quiet                    nothing else has arrived
//	provider answers 500, 201     what the provider does with its next calls, then it opens
//	                              accounts again: a status ("400 why not", "429 60"), gives
//	                              COID, or keeps, lies, repeats, cuts, halves, breaks, floods,
//	                              as package marketplacetest has them
//	provider expect 2             exactly so many calls of it arrive next
//	provider quiet                nothing else has arrived
//	provider accounts 1           so many accounts are open with it
//	cli app create "Two words"    a command of the program, on the server's data; it must go
//	cli! app approve app_none     well, and with ! it must not
//	cli stock load - < stock      with the body that was named stock on its standard input
//	remember | unchanged          the world's rows, then and now
//	check                         every invariant of the world holds
//	include orders                play scenarios/parts/orders.txt here
//	server own --flag value       first line: a server only for this scenario, and its flags
//	restart | kill                end it in good order, or with -9, and start it again
//
// # The other tests
//
// What a text cannot tell well is Go: a server that is killed again and again under
// load, two nodes on one database, the first start, the command line.
//
// Every answer that comes over the wire is counted, and build/contract-coverage.csv lists
// them at the end, and so are the codes that Voice says in its errors and its notifications,
// where they come with their texts. With DEMARC_COVERAGE=require, as make verify has it,
// each answer and each code that a table in api/contract lists must be among them.
//
// Map: build_test.go builds the program, node_test.go runs it, world_test.go has the
// actors, receiver_test.go the webhooks' other end, saas_test.go the provider and the
// command line in scenarios; script_test.go reads scenarios, play_test.go runs them,
// check_test.go compares, xml_test.go reads XML, coverage_test.go counts what was answered
// and voice_test.go the codes of Voice; the tests are in *_test.go named for what they test.
package e2e
