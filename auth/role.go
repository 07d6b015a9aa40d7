package auth

import "slices"

// Role is a permission, as the identity provider names it.
type Role string

// The roles of the design's section 6.
const (
	RoleInteractionAnonymize    Role = "INTERACTION_ANONYMIZE"
	RoleViewConversationsScreen Role = "VIEW_CONVERSATIONS_SCREEN"
	RoleInteractionsAgentView   Role = "INTERACTIONS_AGENT_VIEW"
	RoleInteractionsGroupView   Role = "INTERACTIONS_GROUP_VIEW"
	RoleInteractionsFullView    Role = "INTERACTIONS_FULL_VIEW"
	RoleViewAudit               Role = "VIEW_AUDIT"
	RoleManageDataLifecycle     Role = "MANAGE_DATA_LIFECYCLE"
	RoleEditAdminSetting        Role = "EDIT_ADMIN_SETTING"
	RoleAddCall                 Role = "ADD_CALL"
	RoleInteractionsExportJSON  Role = "INTERACTIONS_EXPORT_JSON"
)

// Roles returns every role, in the order of the design's table.
func Roles() []Role {
	return []Role{
		RoleInteractionAnonymize, RoleViewConversationsScreen, RoleInteractionsAgentView,
		RoleInteractionsGroupView, RoleInteractionsFullView,
		RoleViewAudit, RoleManageDataLifecycle, RoleEditAdminSetting, RoleAddCall, RoleInteractionsExportJSON,
	}
}

// CompositeRoles returns the plain roles that each composite role stands for.
func CompositeRoles() map[string][]Role {
	return map[string][]Role{
		"DEFAULT_CC_MANAGER": Roles(),
		"DEFAULT_COMPLIANCE_ANALYST": {
			RoleInteractionAnonymize, RoleViewConversationsScreen, RoleInteractionsFullView, RoleViewAudit,
			RoleManageDataLifecycle,
		},
		"DEFAULT_SUPERVISOR": {RoleViewConversationsScreen, RoleInteractionsGroupView},
		"DEFAULT_AGENT":      {RoleViewConversationsScreen, RoleInteractionsAgentView},
	}
}

// Expand returns the plain roles that the names of a token stand for, each once and in the order of the
// table. Names that are no role of this system are ignored.
func Expand(names []string) []Role {
	held := map[Role]bool{}
	composite := CompositeRoles()
	for _, name := range names {
		held[Role(name)] = true
		for _, role := range composite[name] {
			held[role] = true
		}
	}
	return slices.DeleteFunc(Roles(), func(role Role) bool { return !held[role] })
}
