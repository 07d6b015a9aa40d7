import{n as e}from"./rolldown-runtime-WkwZ5CU-.js";import{Y as t,Zn as n,c as r,ct as i,d as a,dn as o,dt as s,f as c,ft as l,gt as u,lt as d,m as ee,o as f,s as p,st as m,u as h,ut as g}from"./Page-DXL9wKv2.js";import{r as _}from"./socket-Bqvqe073.js";import{i as v,n as y,r as b,t as x}from"./useApiMutation-C18do8km.js";import{t as S}from"./TextInput-D6-g8Qqr.js";import{t as C}from"./Anchor-CEOp-Kw7.js";var w=c(`outline`,`check`,`Check`,[[`path`,{d:`M5 12l5 5l10 -10`,key:`svg-0`}]]),T=c(`outline`,`mail`,`Mail`,[[`path`,{d:`M3 7a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2v-10`,key:`svg-0`}],[`path`,{d:`M3 7l9 6l9 -6`,key:`svg-1`}]]),E=c(`outline`,`message`,`Message`,[[`path`,{d:`M8 9h8`,key:`svg-0`}],[`path`,{d:`M8 13h6`,key:`svg-1`}],[`path`,{d:`M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1 -3 3h-5l-5 3v-3h-2a3 3 0 0 1 -3 -3v-8a3 3 0 0 1 3 -3h12`,key:`svg-2`}]]),D=c(`outline`,`phone`,`Phone`,[[`path`,{d:`M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2`,key:`svg-0`}]]),te=c(`outline`,`shield-check`,`ShieldCheck`,[[`path`,{d:`M11.46 20.846a12 12 0 0 1 -7.96 -14.846a12 12 0 0 0 8.5 -3a12 12 0 0 0 8.5 3a12 12 0 0 1 -.09 7.06`,key:`svg-0`}],[`path`,{d:`M15 19l2 2l4 -4`,key:`svg-1`}]]),O=e(n(),1),ne=new Intl.NumberFormat,k=(e,t,n=`${t}s`)=>`${ne.format(e)} ${e===1?t:n}`,A=e=>k(e,`conversation`),j={CHAT_MESSAGE:[`chat message`,`chat messages`],EMAIL_BODY:[`e-mail body`,`e-mail bodies`],TRANSCRIPT:[`transcript`,`transcripts`],DIARIZED:[`transcript by speaker`,`transcripts by speaker`],SUMMARY:[`summary`,`summaries`],TRANSLATION:[`translation`,`translations`]};function M({phoneNumbers:e,digitalAddresses:t,subjects:n,messages:r}){return[e&&k(e,`phone number`),t&&k(t,`e-mail address, IP address or chat handle`,`e-mail addresses, IP addresses and chat handles`),n&&k(n,`subject or chat room name`,`subjects and chat room names`),...r.map(({kind:e,count:t})=>t&&k(t,...j[e]))].filter(e=>typeof e==`string`)}var N=({customData:e,otherData:t})=>[...e,...t].map(({key:e,count:t})=>({key:e,values:k(t,`value`)})),P={CALL:`call recording`,SCREEN:`screen recording`},F=({media:e})=>e.filter(({planned:e})=>e>0).map(({kind:e,planned:t})=>k(t,P[e]));function I({media:e}){return e.flatMap(({kind:e,protected:t,kept:n,alreadyPlanned:r,deleted:i})=>[t&&`${k(t,P[e])}: protected, and ${t===1?`stays`:`stay`}`,n&&`${k(n,P[e])}: the switch for media files is off`,r&&`${k(r,P[e])}: planned for deletion already`,i&&`${k(i,P[e])}: deleted already`].filter(e=>typeof e==`string`))}var L={UNTOUCHED:``,ANONYMIZED:``,CONTENT_KEPT:`since the settings leave some of the content`,PROTECTED_MEDIA:`since a protected recording is left`};function R({reviewEndsCount:e,notReviewableCount:t,staysReviewable:n}){return[e&&`${A(e)} can no longer be reviewed`,...n.map(({reason:e,count:t})=>`${A(t)} ${t===1?`stays`:`stay`} reviewable, ${L[e]}`),t&&`${A(t)} could not be reviewed before either`].filter(e=>typeof e==`string`)}function z({unchanged:e,reviewableBefore:t,reviewableAfter:n,effect:r}){if(e)return`nothing changes: it is anonymized already`;let i=r.media.reduce((e,t)=>e+t.protected,0);return[`${k(r.valueCount,`value`)} overwritten`,...F(r).map(e=>`${e} deleted`),...i?[`${k(i,`recording`)} protected`]:[],...t&&!n?[`no longer reviewable`]:[]].join(`, `)}var B=o();function V({preview:{conversationCount:e,unchangedCount:t},busy:n,waiting:r,onConfirm:i,onClose:a}){let[o,s]=(0,O.useState)(``),c=t===e,l=!c&&!r&&o.trim()===String(e);return(0,B.jsx)(`form`,{onSubmit:e=>{e.preventDefault(),l&&!n&&i()},children:(0,B.jsxs)(m,{children:[!c&&(0,B.jsx)(H,{many:e,typed:o,onTyped:s,busy:n}),(0,B.jsxs)(u,{justify:`flex-end`,children:[(0,B.jsx)(g,{variant:`default`,onClick:a,disabled:n,children:c?`Close`:`Cancel`}),!c&&(0,B.jsxs)(g,{type:`submit`,color:`red`,disabled:!l,loading:n,children:[`Anonymize `,A(e)]})]})]})})}function H({many:e,typed:t,onTyped:n,busy:r}){return e===1?(0,B.jsx)(v,{label:`I know that this cannot be undone`,checked:t!==``,onChange:e=>n(e.currentTarget.checked?`1`:``),disabled:r}):(0,B.jsx)(S,{label:`Type ${e}, the number of conversations, to confirm`,value:t,onChange:e=>n(e.currentTarget.value),inputMode:`numeric`,autoComplete:`off`,disabled:r,w:`100%`,maw:`24rem`})}var U={title:`_title_1jkxv_1`,facts:`_facts_1jkxv_6`,list:`_list_1jkxv_21`,each:`_each_1jkxv_31`,summary:`_summary_1jkxv_49`};function W({rows:e}){let[t,n]=(0,O.useState)(!1);return e.length<2?null:(0,B.jsxs)(`details`,{open:t,onToggle:e=>n(e.currentTarget.open),children:[(0,B.jsx)(`summary`,{className:U.summary,children:`Conversation by conversation`}),t&&(0,B.jsx)(`ul`,{className:U.each,tabIndex:0,"aria-label":`Conversation by conversation`,children:e.map(e=>(0,B.jsxs)(`li`,{children:[(0,B.jsx)(y,{value:e.conversation.startedAt}),` `,(0,B.jsx)(`span`,{children:z(e)})]},e.conversation.id))})]})}function G({preview:e}){let{effect:t,unchangedCount:n,conversationCount:r,settingsVersion:i}=e,o=N(t).map(({key:e,values:t})=>(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(d,{children:e}),`: `,t]}));return(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(l,{color:`red`,icon:(0,B.jsx)(a,{"aria-hidden":!0}),title:`This is for good`,children:(0,B.jsx)(s,{size:`sm`,children:`What is overwritten or deleted cannot be brought back by anybody.`})}),(0,B.jsxs)(`dl`,{className:U.facts,children:[(0,B.jsx)(q,{term:`Overwritten`,lines:[...M(t),...o],none:`No stored value`}),(0,B.jsx)(q,{term:`Deleted`,lines:F(t),none:`No recording`}),(0,B.jsx)(q,{term:`Stays`,lines:I(t)}),(0,B.jsx)(q,{term:`Review`,lines:R(e)}),(0,B.jsx)(q,{term:`Unchanged`,lines:n?[K(n,r)]:[]}),(0,B.jsx)(q,{term:`Settings`,lines:[`Version ${i} decides what is personal data`]})]}),(0,B.jsx)(W,{rows:e.conversations})]})}function K(e,t){let n=`anonymized already in all that is switched on`;return e===t?t===1?`The conversation is ${n}`:`All conversations are ${n}`:`${A(e)}: ${n}`}function q({term:e,lines:t,none:n}){let r=t.length>0?t:n?[n]:[];return r.length===0?null:(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(`dt`,{children:e}),(0,B.jsx)(`dd`,{children:(0,B.jsx)(`ul`,{className:U.list,children:r.map((e,t)=>(0,B.jsx)(`li`,{children:e},t))})})]})}function J({phase:e,changed:t,preview:n}){return e.at===`doing`?null:(0,B.jsxs)(B.Fragment,{children:[e.at===`unsure`&&(0,B.jsx)(X,{message:e.error.message,preview:n}),e.at===`asking`&&e.refused&&(0,B.jsx)(f,{error:e.refused}),e.at===`asking`&&t&&n&&(0,B.jsx)(Y,{what:t,version:n.settingsVersion})]})}function Y({what:e,version:t}){let n=e===`settings`;return(0,B.jsx)(l,{color:`yellow`,role:`alert`,title:n?`The settings were changed meanwhile`:`Something changed meanwhile`,children:(0,B.jsx)(s,{size:`sm`,children:n?`Version ${t} of the compliance settings is in force now. Nothing was anonymized from here; below is what would happen under it.`:`Somebody changed what you are about to anonymize. Below is what would happen now.`})})}function X({message:e,preview:t}){return(0,B.jsx)(l,{color:`yellow`,role:`alert`,title:`It may have been done, or not`,children:(0,B.jsxs)(s,{size:`sm`,children:[e,` It went wrong after your request was sent, and before its answer came. `,t?Z(t):`Finding out…`]})})}function Z({unchangedCount:e,conversationCount:t}){let n=t-e;return n===0?`By now ${t===1?`it is`:`all of them are`} anonymized: there is nothing left to do.`:e===0?`By now nothing has been anonymized. You can try again.`:`By now ${A(e)} of ${t} are anonymized, ${n} not. You can try again.`}function re({preview:{problems:e},ids:t,onLeaveOut:n,onClose:r}){let i=e.filter(({code:e})=>e===`NOT_FOUND`),a=i.length===e.length&&i.length<t.length;return(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(l,{color:`red`,role:`alert`,title:`This cannot be done as it is`,children:(0,B.jsx)(_,{size:`sm`,children:e.map((e,n)=>(0,B.jsx)(_.Item,{children:ie(e,t.length)},n))})}),(0,B.jsxs)(u,{justify:`flex-end`,children:[(0,B.jsx)(g,{variant:`default`,onClick:r,children:`Cancel`}),a&&(0,B.jsxs)(g,{onClick:()=>n(i),children:[`Leave out `,A(i.length)]})]})]})}function ie({code:e,message:t,field:n},r){if(e===`NOTHING_SELECTED`)return(0,B.jsx)(ae,{});if(e!==`NOT_FOUND`)return(0,B.jsx)(s,{size:`sm`,children:t});let i=r===1?`The conversation`:`Conversation ${Number(n?.at(-1))+1} of ${r}`;return(0,B.jsxs)(s,{size:`sm`,children:[i,` does not exist any more, or you may not see it.`]})}function ae(){return(0,B.jsxs)(s,{size:`sm`,children:[`The compliance settings select nothing, so nothing would be removed. Choose what counts as personal data on the`,` `,(0,B.jsx)(C,{component:t,to:`/compliance`,c:`inherit`,underline:`always`,children:`Compliance page`}),` `,`and save it there first.`]})}function oe(e){let{query:t,preview:n,phase:r,onClose:i}=e;if(n)return(0,B.jsx)(se,{...e,preview:n});let a=t.error?.kind===`forbidden`||t.error?.kind===`invalid`?void 0:t.refetch;return(0,B.jsxs)(m,{children:[r.at===`unsure`&&(0,B.jsx)(J,{...e,preview:void 0}),t.error?(0,B.jsx)(f,{error:t.error,retry:a}):(0,B.jsx)(p,{label:`Finding out what would happen`}),(0,B.jsx)(u,{justify:`flex-end`,children:(0,B.jsx)(g,{variant:`default`,onClick:i,children:`Cancel`})})]})}function se({preview:e,...t}){let{ids:n,phase:r,leaveOut:i,query:a,onConfirm:o,onClose:s}=t;return(0,B.jsxs)(m,{children:[(0,B.jsx)(J,{...t,preview:e}),a.error&&r.at!==`unsure`&&(0,B.jsx)(f,{error:a.error,retry:a.refetch}),e.problems.length>0?(0,B.jsx)(re,{preview:e,ids:n,onLeaveOut:i,onClose:s}):(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(G,{preview:e}),(0,B.jsx)(V,{preview:e,busy:r.at===`doing`,waiting:a.fetching&&r.at!==`doing`,onConfirm:o,onClose:s},JSON.stringify(e))]})]})}function ce({result:e,onClose:t}){let n=(0,O.useRef)(null);return(0,O.useEffect)(()=>n.current?.focus(),[]),(0,B.jsxs)(m,{children:[e.done>0&&(0,B.jsx)(le,{...e}),e.failures.length>0&&(0,B.jsx)(ue,{...e}),(0,B.jsx)(u,{justify:`flex-end`,children:(0,B.jsx)(g,{ref:n,onClick:t,children:`Close`})})]})}function le({done:e,planned:t,notReviewable:n,settingsVersion:r}){return(0,B.jsx)(l,{color:`green`,role:`status`,icon:(0,B.jsx)(w,{"aria-hidden":!0}),title:`${A(e)} anonymized`,children:(0,B.jsxs)(s,{size:`sm`,children:[`Under version `,r,` of the compliance settings. The old values are gone, from this page too.`,t>0&&` Recordings of ${A(t)} are planned for deletion; the Delete tool removes them.`,n>0&&` ${A(n)} can no longer be reviewed.`]})})}function ue({done:e,failures:t}){let n=e===0?`Nothing was anonymized`:`${A(t.length)} could not be anonymized`;return(0,B.jsx)(l,{color:`red`,role:`alert`,title:n,children:(0,B.jsx)(_,{size:`sm`,children:t.map(e=>(0,B.jsxs)(_.Item,{children:[(0,B.jsx)(de,{...e}),`: `,e.message]},e.id))})})}function de({id:e,known:t}){return t?(0,B.jsxs)(B.Fragment,{children:[`The conversation of `,(0,B.jsx)(y,{value:t.startedAt})]}):(0,B.jsxs)(B.Fragment,{children:[`Conversation `,e]})}h(`
  fragment AnonymizationEffectFields on AnonymizationEffect {
    valueCount
    phoneNumbers
    digitalAddresses
    subjects
    messages {
      kind
      count
    }
    customData {
      key
      count
    }
    otherData {
      key
      count
    }
    media {
      kind
      planned
      protected
      kept
      alreadyPlanned
      deleted
    }
  }
`);var fe=h(`
  query AnonymizationPreview($ids: [ID!]!) {
    anonymizationPreview(input: { conversationIds: $ids }) {
      settingsVersion
      problems {
        code
        message
        field
      }
      conversationCount
      unchangedCount
      reviewEndsCount
      notReviewableCount
      staysReviewable {
        reason
        count
      }
      effect {
        ...AnonymizationEffectFields
      }
      conversations {
        conversation {
          id
          startedAt
          types
        }
        unchanged
        reviewableBefore
        reviewableAfter
        effect {
          valueCount
          media {
            kind
            planned
            protected
          }
        }
      }
    }
  }
`),pe=h(`
  mutation AnonymizeConversations($ids: [ID!]!, $settingsVersion: Int!) {
    anonymizeConversations(input: { conversationIds: $ids, settingsVersion: $settingsVersion }) {
      settingsVersion
      conversations {
        id
        mediaStatus
        reviewability {
          reviewable
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`),me=h(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`),Q=h(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function he({conversations:e,settingsVersion:t,userErrors:n},r,i){let a=e??[],o=new Map(i.conversations.map(({conversation:e})=>[e.id,e]));return{done:a.length,planned:a.filter(({mediaStatus:e})=>e===`PLANNED_FOR_DELETION`).length,notReviewable:a.filter(({reviewability:e})=>!e.reviewable).length,settingsVersion:t??null,failures:n.map(({message:e,field:t})=>{let n=r[Number(t?.at(-1))]??``;return{id:n,known:o.get(n),message:e}})}}var ge=150;function $(e){let[t,n]=(0,O.useState)(!1),r=(0,O.useEffectEvent)(()=>{n(!1),e()});return(0,O.useEffect)(()=>{if(!t)return;let e=setTimeout(()=>r(),ge);return()=>clearTimeout(e)},[t]),(0,O.useCallback)(()=>n(!0),[])}function _e(e,t){let n=r(fe,{variables:{ids:e},pause:t||e.length===0}),[i,a]=(0,O.useState)(),o=n.data?.anonymizationPreview,s=i?.ids===e?i:void 0;o&&!t&&o!==s?.last&&!n.fetching&&a({ids:e,first:s?.first??o,last:o});let c=$(n.refetch),l={next:c,gap:c};return b(me,{ids:e},l,t||e.length===0),b(Q,{},l,t),{query:n,preview:s?.last,changed:s&&ve(s.first,s.last)}}function ve(e,t){return e.settingsVersion===t.settingsVersion?JSON.stringify(e)===JSON.stringify(t)?void 0:`conversations`:`settings`}function ye(e,t){let[n,r]=(0,O.useState)(e),[i,a]=(0,O.useState)({at:`asking`}),{query:o,preview:s,changed:c}=_e(n,i.at===`doing`||i.at===`done`),[l]=x(pe),u=ee(),d=(0,O.useRef)(!1);return{phase:i,ids:n,preview:s,changed:c,query:o,anonymize:async()=>{if(d.current||!s)return;d.current=!0,a({at:`doing`});let{data:e,error:r}=await l({ids:n,settingsVersion:s.settingsVersion}),i=be(e?.anonymizeConversations,r,n,s);d.current=!1,a(i),i.at===`asking`&&i.refused||u(),i.at===`done`&&t()},leaveOut:e=>r(n.filter((t,n)=>!e.some(({field:e})=>e?.at(-1)===String(n))))}}function be(e,t,n,r){return t?.kind===`offline`||t?.kind===`internal`?{at:`unsure`,error:t}:t||!e?{at:`asking`,refused:t}:e.userErrors.some(({code:e})=>e!==`NOT_FOUND`)?{at:`asking`}:{at:`done`,result:he(e,n,r)}}function xe({ids:e,opened:t,onClose:n,onDone:r}){let[a,o]=(0,O.useState)(!1),s=e.length===1?`Anonymize this conversation?`:`Anonymize ${A(e.length)}?`,[c,l]=(0,O.useState)(s);return!t&&c!==s&&l(s),(0,B.jsx)(i,{opened:t,onClose:()=>!a&&n(),title:c,size:`lg`,closeButtonProps:{"aria-label":`Close`,disabled:a},classNames:{title:U.title},children:(0,B.jsx)(Se,{ids:e,onClose:n,onDone:r,onBusy:o})})}function Se({ids:e,onClose:t,onDone:n,onBusy:r}){let i=ye(e,()=>n?.()),{phase:a,anonymize:o}=i;return(0,O.useEffect)(()=>r(a.at===`doing`),[r,a.at]),a.at===`done`?(0,B.jsx)(ce,{result:a.result,onClose:t}):(0,B.jsx)(oe,{...i,onConfirm:o,onClose:t})}var Ce={placeholder:`_placeholder_yuuwv_1`};function we({value:e,anonymized:t}){return e==null||e===``?null:t?(0,B.jsx)(`span`,{className:Ce.placeholder,title:`Removed: a placeholder stands where personal data stood`,children:e}):(0,B.jsx)(B.Fragment,{children:e})}export{D as a,w as c,te as i,xe as n,E as o,$ as r,T as s,we as t};