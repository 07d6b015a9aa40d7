import{K as e,Z as t,a as n,ht as r,i,n as a,r as o,t as s}from"./Page-CpRsMy6P.js";import{t as c}from"./useLive-dLP98vnA.js";import{t as l}from"./TimeText-DHyFTtwy.js";var u=r(),d=n(`
  query Conversation($id: ID!) {
    conversation(id: $id) {
      id
      startedAt
      mediaStatus
    }
  }
`),f=n(`
  subscription ConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`);function p(){let{id:n=``}=e(),r=i(d,{variables:{id:n}});return c(f,{ids:[n]},{next:r.refetch,gap:r.refetch},!r.data?.conversation),(0,u.jsx)(s,{title:`Conversation`,children:(0,u.jsx)(a,{query:r,label:`Loading the conversation`,children:({conversation:e})=>e?(0,u.jsxs)(t,{children:[`It began on `,(0,u.jsx)(l,{value:e.startedAt}),`.`]}):(0,u.jsx)(o,{title:`There is no such conversation, or you may not see it`})})})}export{p as default};