/** What the compliance page asks of the API. */
import { graphql } from '../../api/generated';
import type { ComplianceQuery } from '../../api/generated/graphql';

export const SETTINGS = graphql(`
  query Compliance {
    complianceSettings {
      ...Settings
    }
  }
`);

export const FRAGMENT = graphql(`
  fragment Settings on ComplianceSettings {
    version
    savedAt
    savedBy
    basicData {
      ...BasicSwitches
    }
    customData(first: 10000) {
      ...KeySwitches
    }
    otherData(first: 10000) {
      ...KeySwitches
    }
    staged {
      baseVersion
      stagedAt
      basicData {
        ...BasicSwitches
      }
      customData(first: 10000) {
        ...KeySwitches
      }
      otherData(first: 10000) {
        ...KeySwitches
      }
    }
  }
  fragment BasicSwitches on BasicData {
    participantPhoneNumber
    participantDigitalAddress
    subjectAndBody
    mediaFiles
  }
  fragment KeySwitches on KeySwitch {
    key
    isAnonymized
    isCorrelationKey
  }
`);

/** The version alone: the page then asks for the settings, and so never shows an older answer after a newer one. */
export const CHANGED = graphql(`
  subscription ComplianceChanged {
    complianceSettingsChanged {
      version
    }
  }
`);

export const STAGE = graphql(`
  mutation StageCompliance($input: StageComplianceSettingsInput!) {
    stageComplianceSettings(input: $input) {
      settings {
        ...Settings
      }
      userErrors {
        code
        message
      }
    }
  }
`);

export const SAVE = graphql(`
  mutation SaveCompliance($input: SaveComplianceSettingsInput!) {
    saveComplianceSettings(input: $input) {
      settings {
        ...Settings
      }
      userErrors {
        code
        message
      }
    }
  }
`);

export const RESET = graphql(`
  mutation ResetCompliance {
    resetComplianceSettings {
      settings {
        ...Settings
      }
    }
  }
`);

/** Which switches were moved, and by which version; the newest first. */
export const HISTORY = graphql(`
  query ComplianceHistory {
    auditEvents(
      first: 100
      filter: { occurredFrom: "1970-01-01T00:00:00Z", activities: [FIELD_CONFIG_UPDATE, METADATA_KEY_UPDATE], result: SUCCESS }
    ) {
      nodes {
        settingsVersion
        details {
          __typename
          ... on BasicDataChange {
            item
            isOnBefore
          }
          ... on MetadataKeyChange {
            key
            isOnBefore
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export type Settings = ComplianceQuery['complianceSettings'];
