import{t as e}from"./List-dHHp8vsI.js";import{a as t,ht as n,i as r,n as i,r as a,t as o}from"./Page-CpRsMy6P.js";var s=n(),c=t(`
  query MetadataKeys {
    metadataKeys {
      key
      isFilterKey
      isCorrelationKey
    }
  }
`);function l(){let t=r(c);return(0,s.jsx)(o,{title:`Metadata keys`,children:(0,s.jsx)(i,{query:t,label:`Loading the keys`,children:({metadataKeys:t})=>t.length===0?(0,s.jsx)(a,{title:`No metadata key was seen yet`}):(0,s.jsx)(e,{children:t.map(({key:t})=>(0,s.jsx)(e.Item,{children:t},t))})})})}export{l as default};