/** What the page of metadata keys asks of the API. */
import { graphql } from '../../api/generated';
import type { MetadataKeysQuery } from '../../api/generated/graphql';

export const KEYS = graphql(`
  query MetadataKeys {
    metadataKeys(first: 10000) {
      key
      isFilterKey
      isCorrelationKey
      firstSeenAt
    }
  }
`);

/** Which keys are switched on in the compliance settings. */
export const SWITCHES = graphql(`
  query MetadataKeySwitches {
    complianceSettings {
      customData(first: 10000) {
        key
        isAnonymized
      }
      otherData(first: 10000) {
        key
        isAnonymized
      }
    }
  }
`);

export const CHANGED = graphql(`
  subscription MetadataKeysChanged {
    complianceSettingsChanged {
      version
    }
  }
`);

export const CONFIGURE = graphql(`
  mutation ConfigureMetadataKey($input: ConfigureMetadataKeyInput!) {
    configureMetadataKey(input: $input) {
      metadataKey {
        key
        isFilterKey
        isCorrelationKey
      }
      userErrors {
        code
        message
      }
    }
  }
`);

export type MetadataKey = MetadataKeysQuery['metadataKeys'][number];
