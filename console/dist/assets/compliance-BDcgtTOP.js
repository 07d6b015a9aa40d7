import{Z as e,a as t,ht as n,i as r,n as i,t as a}from"./Page-CpRsMy6P.js";import{t as o}from"./useLive-dLP98vnA.js";var s=n(),c=t(`
  query ComplianceSettings {
    complianceSettings {
      version
      savedAt
      savedBy
    }
  }
`),l=t(`
  subscription ComplianceSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function u(){let t=r(c);return o(l,{},{next:t.refetch,gap:t.refetch}),(0,s.jsx)(a,{title:`Compliance`,description:`Choose which personal data is removed when conversations are anonymized.`,children:(0,s.jsx)(i,{query:t,label:`Loading the settings`,children:({complianceSettings:t})=>(0,s.jsxs)(e,{children:[`Version `,t.version,` is in force.`]})})})}export{u as default};