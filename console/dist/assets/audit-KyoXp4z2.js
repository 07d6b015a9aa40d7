import{t as e}from"./List-dHHp8vsI.js";import{a as t,ht as n,i as r,n as i,r as a,t as o}from"./Page-CpRsMy6P.js";import{t as s}from"./TimeText-DHyFTtwy.js";var c=n(),l=t(`
  query AuditEvents {
    auditEvents(first: 20) {
      nodes {
        id
        at
        activity
        user {
          name
        }
      }
    }
  }
`);function u(){let t=r(l);return(0,c.jsx)(o,{title:`Audit log`,children:(0,c.jsx)(i,{query:t,label:`Loading the audit log`,children:({auditEvents:{nodes:t}})=>t.length===0?(0,c.jsx)(a,{title:`Nothing happened in the last ten days`}):(0,c.jsx)(e,{children:t.map(({id:t,at:n,activity:r,user:i})=>(0,c.jsxs)(e.Item,{children:[(0,c.jsx)(s,{value:n}),` `,i.name,` `,r]},t))})})})}export{u as default};