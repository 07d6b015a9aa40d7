// Package demo holds the project's own demo conversations: those of the customer service of Halden Energy, a company that
// does not exist. They are generated as vCon documents, so that loading them goes the way that every other import goes
// (design, section 5).
//
// Nothing in them is real. Telephone numbers come from the ranges that are set aside for fiction, hosts and e-mail
// addresses from the reserved example domains, and bank account numbers have check digits that no bank can issue. The
// phrases lie in phrases/, as text files that can be edited without knowing the code: a line of a section is one way to
// say something, <this|that> is a choice, {phone} a fact of the conversation, and "question => answer" a pair.
package demo
