package db

// Subscribers tells how many subscriptions are being served, for monitoring.
func (h *Hub) Subscribers() int {
	h.conversations.mu.Lock()
	distinct := map[*conversationSubscriber]bool{}
	for _, subscribers := range h.conversations.byID {
		for s := range subscribers {
			distinct[s] = true
		}
	}
	h.conversations.mu.Unlock()
	h.settings.mu.Lock()
	defer h.settings.mu.Unlock()
	return len(distinct) + len(h.settings.channels)
}
