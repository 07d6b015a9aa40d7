package graph

import (
	"context"

	"qm-compliance/db"
)

// MetadataKeys lists every key that the system knows.
func (q query) MetadataKeys(ctx context.Context) ([]*MetadataKey, error) {
	keys, err := q.store.MetadataKeys(ctx)
	return mapped(keys, showKey), err
}

func showKey(key *db.MetadataKey) *MetadataKey {
	return &MetadataKey{Key: key.Name, IsFilterKey: key.IsFilter, IsCorrelationKey: key.IsCorrelation, FirstSeenAt: key.FirstSeenAt}
}

// ConfigureMetadataKey makes a key a filter or a correlation key, or no longer one.
func (m mutation) ConfigureMetadataKey(ctx context.Context, input ConfigureMetadataKeyInput) (*ConfigureMetadataKeyPayload, error) {
	actor, err := m.actor(ctx)
	if err != nil {
		return nil, err
	}
	key, configureErr := m.store.ConfigureMetadataKey(ctx, actor, db.KeyConfiguration{
		Key: input.Key, IsFilter: input.IsFilterKey.Value(), Correlation: input.IsCorrelationKey.Value(), AllowAnonymized: input.AllowAnonymized,
	})
	mend, err := userErrors(configureErr, "input")
	if err != nil {
		return nil, err
	}
	payload := &ConfigureMetadataKeyPayload{UserErrors: mend}
	if key != nil {
		payload.MetadataKey = showKey(key)
	}
	return payload, nil
}
