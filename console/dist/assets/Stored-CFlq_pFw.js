import{n as e}from"./rolldown-runtime-WkwZ5CU-.js";import{A as t,An as n,At as r,Dt as i,E as a,Et as o,Ft as s,N as c,Ot as l,S as u,c as d,f,gr as p,j as m,jt as h,k as g,kt as _,l as v,mt as y,s as b,u as x}from"./viewer-xNY1EZje.js";import{r as ee}from"./IconDeviceDesktop-7iztXwba.js";import{r as S}from"./socket-CumnLRuJ.js";import{i as C,n as w,r as T,t as E}from"./useApiMutation-Ccugue5t.js";import{t as D}from"./TextInput-BjGH7LXH.js";import{t as te}from"./Anchor-B1zD8F3P.js";var O=m(`outline`,`check`,`Check`,[[`path`,{d:`M5 12l5 5l10 -10`,key:`svg-0`}]]),ne=m(`outline`,`file-unknown`,`FileUnknown`,[[`path`,{d:`M14 3v4a1 1 0 0 0 1 1h4`,key:`svg-0`}],[`path`,{d:`M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2`,key:`svg-1`}],[`path`,{d:`M12 17v.01`,key:`svg-2`}],[`path`,{d:`M12 14a1.5 1.5 0 1 0 -1.14 -2.474`,key:`svg-3`}]]),re=m(`outline`,`mail`,`Mail`,[[`path`,{d:`M3 7a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2v-10`,key:`svg-0`}],[`path`,{d:`M3 7l9 6l9 -6`,key:`svg-1`}]]),ie=m(`outline`,`message`,`Message`,[[`path`,{d:`M8 9h8`,key:`svg-0`}],[`path`,{d:`M8 13h6`,key:`svg-1`}],[`path`,{d:`M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1 -3 3h-5l-5 3v-3h-2a3 3 0 0 1 -3 -3v-8a3 3 0 0 1 3 -3h12`,key:`svg-2`}]]),ae=m(`outline`,`phone`,`Phone`,[[`path`,{d:`M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2`,key:`svg-0`}]]),k=m(`outline`,`shield-check`,`ShieldCheck`,[[`path`,{d:`M11.46 20.846a12 12 0 0 1 -7.96 -14.846a12 12 0 0 0 8.5 -3a12 12 0 0 0 8.5 3a12 12 0 0 1 -.09 7.06`,key:`svg-0`}],[`path`,{d:`M15 19l2 2l4 -4`,key:`svg-1`}]]),A=e(p(),1),j=e=>f(e,`conversation`),M={CHAT_MESSAGE:[`chat message`,`chat messages`],EMAIL_BODY:[`e-mail body`,`e-mail bodies`],TRANSCRIPT:[`transcript`,`transcripts`],DIARIZED:[`transcript by speaker`,`transcripts by speaker`],SUMMARY:[`summary`,`summaries`],TRANSLATION:[`translation`,`translations`]};function N({phoneNumbers:e,digitalAddresses:t,subjects:n,messages:r}){return[e&&f(e,`phone number`),t&&f(t,`e-mail address, IP address or chat handle`,`e-mail addresses, IP addresses and chat handles`),n&&f(n,`subject or chat room name`,`subjects and chat room names`),...r.map(({kind:e,count:t})=>t&&f(t,...M[e]))].filter(e=>typeof e==`string`)}var P=({customData:e,otherData:t})=>[...e,...t].map(({key:e,count:t})=>({key:e,values:f(t,`value`)})),F={CALL:`call recording`,SCREEN:`screen recording`},I=({media:e})=>e.filter(({planned:e})=>e>0).map(({kind:e,planned:t})=>f(t,F[e]));function L({media:e}){return e.flatMap(({kind:e,protected:t,kept:n,alreadyPlanned:r,deleted:i,missing:a})=>[t&&`${f(t,F[e])} (protected)`,n&&`${f(n,F[e])} (Media files is off)`,r&&`${f(r,F[e])} (already planned for deletion)`,i&&`${f(i,F[e])} (already deleted)`,a&&`${f(a,F[e])} (missing; deleted if an import adds ${a===1?`it`:`them`})`].filter(e=>typeof e==`string`))}var R={UNTOUCHED:``,ANONYMIZED:``,CONTENT_KEPT:`because the settings keep their content`,PROTECTED_MEDIA:`because a protected recording is kept`};function z({reviewEndsCount:e,notReviewableCount:t,staysReviewable:n}){return[e&&`${j(e)} can no longer be reviewed`,...n.map(({reason:e,count:t})=>`${j(t)} ${t===1?`stays`:`stay`} reviewable, ${R[e]}`),t&&`${j(t)} ${t===1?`was`:`were`} already not reviewable`].filter(e=>typeof e==`string`)}function B({unchanged:e,reviewableBefore:t,reviewableAfter:n,effect:r}){if(e)return`no change: already anonymized`;let i=r.media.reduce((e,t)=>e+t.protected,0);return[`${f(r.valueCount,`value`)} overwritten`,...I(r).map(e=>`${e} deleted`),...i?[`${f(i,`recording`)} protected`]:[],...t&&!n?[`no longer reviewable`]:[]].join(`, `)}var V=n();function H({preview:{conversationCount:e,unchangedCount:t},busy:n,waiting:r,failed:i,onConfirm:a,onClose:c}){let[l,u]=(0,A.useState)(``),d=t===e,f=!d&&l.trim()===String(e),[p,m]=U(r,i,a);return(0,V.jsx)(`form`,{onSubmit:e=>{e.preventDefault(),f&&!n&&p()},children:(0,V.jsxs)(o,{children:[!d&&(0,V.jsx)(W,{many:e,typed:l,onTyped:u,busy:n||m}),(0,V.jsxs)(s,{justify:`flex-end`,children:[(0,V.jsx)(_,{variant:`default`,onClick:c,disabled:n,children:d?`Close`:`Cancel`}),!d&&(0,V.jsxs)(_,{type:`submit`,color:`red`,disabled:!f,loading:n||m,children:[`Anonymize `,j(e)]})]})]})})}function U(e,t,n){let[r,i]=(0,A.useState)(!1),a=(0,A.useEffectEvent)(async()=>t?void 0:n());return(0,A.useEffect)(()=>{r&&!e&&a().finally(()=>i(!1))},[r,e]),[()=>e?i(!0):void n(),r]}function W({many:e,typed:t,onTyped:n,busy:r}){return e===1?(0,V.jsx)(C,{label:`I understand this cannot be undone`,checked:t!==``,onChange:e=>n(e.currentTarget.checked?`1`:``),disabled:r}):(0,V.jsx)(D,{label:`Type ${e} (the number of conversations) to confirm`,value:t,onChange:e=>n(e.currentTarget.value),inputMode:`numeric`,autoComplete:`off`,disabled:r,w:`100%`,maw:`24rem`})}var G={title:`_title_1jkxv_1`,facts:`_facts_1jkxv_6`,list:`_list_1jkxv_21`,each:`_each_1jkxv_31`,summary:`_summary_1jkxv_49`};function K({rows:e}){let[t,n]=(0,A.useState)(!1);return e.length<2?null:(0,V.jsxs)(`details`,{open:t,onToggle:e=>n(e.currentTarget.open),children:[(0,V.jsx)(`summary`,{className:G.summary,children:`Effect on each conversation`}),t&&(0,V.jsx)(`ul`,{className:G.each,tabIndex:0,"aria-label":`Effect on each conversation`,children:e.map(e=>(0,V.jsxs)(`li`,{children:[(0,V.jsx)(w,{value:e.conversation.startedAt}),` `,(0,V.jsx)(`span`,{children:B(e)})]},e.conversation.id))})]})}function q({preview:e}){let{effect:t,unchangedCount:n,conversationCount:r,settingsVersion:i}=e,a=P(t).map(({key:e,values:t})=>(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(l,{children:e}),`: `,t]}));return(0,V.jsxs)(V.Fragment,{children:[n<r&&(0,V.jsx)(J,{}),(0,V.jsxs)(`dl`,{className:G.facts,children:[(0,V.jsx)(Y,{term:`Overwritten`,lines:[...N(t),...a],none:`No stored values`}),(0,V.jsx)(Y,{term:`Deleted`,lines:I(t),none:`No recordings`}),(0,V.jsx)(Y,{term:`Kept`,lines:L(t)}),(0,V.jsx)(Y,{term:`Review`,lines:z(e)}),(0,V.jsx)(Y,{term:`Unchanged`,lines:n?[oe(n,r)]:[]}),(0,V.jsx)(Y,{term:`Settings`,lines:[`Version ${i} defines what is personal data`]})]}),(0,V.jsx)(K,{rows:e.conversations})]})}function J(){return(0,V.jsx)(h,{color:`red`,icon:(0,V.jsx)(t,{"aria-hidden":!0}),title:`This cannot be undone`,children:(0,V.jsx)(r,{size:`sm`,children:`Nobody, including us, can restore what is overwritten or deleted.`})})}function oe(e,t){let n=`already anonymized under these settings`;return e<t?`${j(e)}: ${n}`:t===1?`Already anonymized under these settings`:`All conversations are ${n}`}function Y({term:e,lines:t,none:n}){let r=t.length>0?t:n?[n]:[];return r.length===0?null:(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(`dt`,{children:e}),(0,V.jsx)(`dd`,{children:(0,V.jsx)(`ul`,{className:G.list,children:r.map((e,t)=>(0,V.jsx)(`li`,{children:e},t))})})]})}function X({phase:e,changed:t,preview:n}){return e.at===`doing`?null:(0,V.jsxs)(V.Fragment,{children:[e.at===`unsure`&&(0,V.jsx)(ce,{error:e.error,preview:n}),e.at===`asking`&&e.refused&&(0,V.jsx)(b,{error:e.refused}),e.at===`asking`&&t&&n&&(0,V.jsx)(se,{what:t,version:n.settingsVersion})]})}function se({what:e,version:t}){let n=e===`settings`;return(0,V.jsx)(h,{color:`yellow`,role:`alert`,title:n?`Settings changed while this was open`:`A conversation changed while this was open`,children:(0,V.jsx)(r,{size:`sm`,children:n?`Nothing has been anonymized yet. The figures below use version ${t}.`:`Nothing has been anonymized yet. The figures below are up to date.`})})}function ce({error:e,preview:t}){let n=e.kind===`offline`,i=n?`The result is unknown`:`The server returned an error`,a=n?`The connection was lost after your request was sent and before the answer arrived.`:`The server anonymizes all of these conversations or none. It can fail before or after that.`;return(0,V.jsxs)(h,{color:`yellow`,role:`alert`,title:i,children:[(0,V.jsxs)(r,{size:`sm`,children:[x(e),` `,a,` `,t?le(t):n?`The result appears here when the server can be reached again.`:``]}),(0,V.jsx)(v,{error:e})]})}function le({unchangedCount:e,conversationCount:t}){let n=t-e;return n===0?`${t===1?`The conversation is`:`All conversations are`} anonymized now. There is nothing left to do.`:e===0?`Nothing has been anonymized yet. You can try again.`:`${u(e)} of ${j(t)} are anonymized now, ${u(n)} are not. You can try again.`}function ue({preview:{problems:e},ids:t,onLeaveOut:n,onClose:r}){let i=e.filter(({code:e})=>e===`NOT_FOUND`),a=i.length===e.length&&i.length<t.length;return(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(h,{color:`red`,role:`alert`,title:i.length>0?`Not all conversations are available`:`Nothing to anonymize`,children:(0,V.jsx)(S,{size:`sm`,children:e.map((e,n)=>(0,V.jsx)(S.Item,{children:de(e,t.length)},n))})}),(0,V.jsxs)(s,{justify:`flex-end`,children:[(0,V.jsx)(_,{variant:`default`,onClick:r,children:`Cancel`}),a&&(0,V.jsxs)(_,{onClick:()=>n(i),children:[`Leave out `,j(i.length)]})]})]})}function de({code:e,message:t,field:n},i){if(e===`NOTHING_SELECTED`)return(0,V.jsx)(fe,{});if(e!==`NOT_FOUND`)return(0,V.jsx)(r,{size:`sm`,children:t});let a=i===1?`This conversation`:`Conversation ${Number(n?.at(-1))+1} of ${i}`;return(0,V.jsxs)(r,{size:`sm`,children:[a,` no longer exists, or you do not have access to it.`]})}function fe(){return(0,V.jsxs)(r,{size:`sm`,children:[`The compliance settings select no personal data. Choose what to remove on the`,` `,(0,V.jsx)(te,{component:y,to:`/compliance`,c:`inherit`,underline:`always`,children:`Compliance page`}),` `,`and save it first.`]})}function pe(e){let{query:t,preview:n,phase:r,onClose:i}=e;if(n)return(0,V.jsx)(me,{...e,preview:n});let a=r.at===`unsure`,c=t.error?.kind===`forbidden`||t.error?.kind===`invalid`?void 0:t.refetch;return(0,V.jsxs)(o,{children:[a&&(0,V.jsx)(X,{...e,preview:void 0}),t.error?(0,V.jsx)(b,{error:t.error,retry:c}):(0,V.jsx)(d,{label:a?`Checking what was anonymized`:`Calculating the effect`}),(0,V.jsx)(s,{justify:`flex-end`,children:(0,V.jsx)(_,{variant:`default`,onClick:i,children:a?`Close`:`Cancel`})})]})}function me({preview:e,...t}){let{ids:n,phase:r,leaveOut:i,query:a,onConfirm:s,onClose:c}=t;return(0,V.jsxs)(o,{children:[(0,V.jsx)(X,{...t,preview:e}),a.error&&(0,V.jsx)(b,{error:a.error,retry:a.refetch}),e.problems.length>0?(0,V.jsx)(ue,{preview:e,ids:n,onLeaveOut:i,onClose:c}):(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(q,{preview:e}),(0,V.jsx)(H,{preview:e,busy:r.at===`doing`,waiting:a.fetching&&r.at!==`doing`,failed:a.error!==void 0,onConfirm:s,onClose:c},JSON.stringify(e))]})]})}function he({result:e,onClose:t}){let n=(0,A.useRef)(null);return(0,A.useEffect)(()=>n.current?.focus(),[]),(0,V.jsxs)(o,{children:[e.done>0&&(0,V.jsx)(ge,{...e}),e.unchanged>0&&(0,V.jsx)(_e,{...e}),e.failures.length>0&&(0,V.jsx)(ve,{...e}),(0,V.jsx)(s,{justify:`flex-end`,children:(0,V.jsx)(_,{ref:n,onClick:t,children:`Close`})})]})}function ge({done:e,planned:t,notReviewable:n,settingsVersion:i}){return(0,V.jsx)(h,{color:`green`,role:`status`,icon:(0,V.jsx)(O,{"aria-hidden":!0}),title:`${j(e)} anonymized`,children:(0,V.jsxs)(r,{size:`sm`,children:[`Version `,i,` of the compliance settings was applied. The old values were removed, also from this page.`,t>0&&` Recordings of ${j(t)} are planned for deletion. They are deleted automatically in the next deletion run.`,n>0&&` ${j(n)} can no longer be reviewed.`]})})}function _e({unchanged:e}){return(0,V.jsxs)(r,{size:`sm`,children:[j(e),` `,e===1?`was`:`were`,` already anonymized and did not change.`]})}function ve({done:e,failures:t}){let n=e===0?`Nothing was anonymized`:`${j(t.length)} could not be anonymized`;return(0,V.jsx)(h,{color:`red`,role:`alert`,title:n,children:(0,V.jsx)(S,{size:`sm`,children:t.map(e=>(0,V.jsxs)(S.Item,{children:[(0,V.jsx)(ye,{...e}),`: `,e.message]},e.id))})})}function ye({id:e,known:t}){return t?(0,V.jsxs)(V.Fragment,{children:[`Conversation of `,(0,V.jsx)(w,{value:t.startedAt})]}):(0,V.jsxs)(V.Fragment,{children:[`Conversation `,e]})}g(`
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
      missing
    }
  }
`);var be=g(`
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
`),xe=g(`
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
`),Se=g(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`),Ce=g(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function we({conversations:e,settingsVersion:t,userErrors:n},r,i){let a=new Map(i.conversations.map(e=>[e.conversation.id,e])),o=(e??[]).map(e=>({now:e,before:a.get(e.id)})),s=o.filter(e=>!e.before?.unchanged);return{done:s.length,unchanged:o.length-s.length,planned:s.filter(e=>Te(e.before)&&e.now.mediaStatus!==`AVAILABLE`).length,notReviewable:s.filter(e=>!e.now.reviewability.reviewable&&e.before?.reviewableBefore!==!1).length,settingsVersion:t??null,failures:n.map(({message:e,field:t})=>{let n=r[Number(t?.at(-1))]??``;return{id:n,known:a.get(n)?.conversation,message:e}})}}var Te=e=>e?.effect.media.some(({planned:e})=>e>0)??!1,Ee=150;function Z(e){let[t,n]=(0,A.useState)(!1),r=(0,A.useEffectEvent)(()=>{n(!1),e()});return(0,A.useEffect)(()=>{if(!t)return;let e=setTimeout(()=>r(),Ee);return()=>clearTimeout(e)},[t]),(0,A.useCallback)(()=>n(!0),[])}function De(e,t){let n=a(be,{variables:{ids:e},pause:t||e.length===0}),[r,i]=(0,A.useState)(),o=n.data?.anonymizationPreview,s=r?.ids===e?r:void 0;o&&!t&&o!==s?.last&&!n.fetching&&i({ids:e,first:s?.first??o,last:o});let c=Z(n.refetch),l={next:c,gap:c};return T(Se,{ids:e},l,t||e.length===0),T(Ce,{},l,t),{query:n,preview:s?.last,changed:s&&Oe(s.first,s.last)}}function Oe(e,t){return e.settingsVersion===t.settingsVersion?JSON.stringify(e)===JSON.stringify(t)?void 0:`conversations`:`settings`}function ke(e,t){let[n,r]=(0,A.useState)(e),[i,a]=(0,A.useState)({at:`asking`}),{query:o,preview:s,changed:l}=De(n,i.at===`doing`||i.at===`done`),[u]=E(xe),d=c(),f=(0,A.useContext)(ee),p=(0,A.useRef)(!1);return{phase:i,ids:n,preview:i.at===`unsure`&&!o.data?void 0:s,changed:l,query:o,anonymize:async()=>{if(p.current||!s)return;p.current=!0,a({at:`doing`});let{data:e,error:r}=await u({ids:n,settingsVersion:s.settingsVersion}),i=je(e?.anonymizeConversations,r,n,s);p.current=!1,a(i),i.at===`asking`&&i.refused||d(),i.at===`done`&&(f.drop(),t())},leaveOut:e=>r(n.filter((t,n)=>!e.some(({field:e})=>e?.at(-1)===String(n))))}}var Ae=[`forbidden`,`limited`];function je(e,t,n,r){return t&&!Ae.includes(t.kind)?{at:`unsure`,error:t}:t||!e?{at:`asking`,refused:t}:e.userErrors.some(({code:e})=>e!==`NOT_FOUND`)?{at:`asking`}:{at:`done`,result:we(e,n,r)}}function Me({ids:e,opened:t,onClose:n,onDone:r}){let[a,o]=(0,A.useState)({at:`asking`}),s=a.at===`doing`,c=t||s,l=e.length===1?`Anonymize this conversation?`:`Anonymize ${j(e.length)}?`,[u,d]=(0,A.useState)(l);return!c&&u!==l&&d(l),(0,V.jsx)(i,{opened:c,onClose:()=>!s&&n(),title:a.at===`done`?Ne(a.result):u,size:`lg`,closeButtonProps:{"aria-label":`Close`,disabled:s},classNames:{title:G.title},children:(0,V.jsx)(Pe,{ids:e,opened:t,onClose:n,onDone:r,onPhase:o})})}var Ne=({done:e})=>e===0?`Nothing was anonymized`:`Anonymized ${j(e)}`;function Pe({ids:e,opened:t,onClose:n,onDone:r,onPhase:i}){let a=ke(e,()=>r?.()),{phase:o,anonymize:s}=a;if((0,A.useEffect)(()=>i(o),[i,o]),o.at===`done`)return(0,V.jsx)(he,{result:o.result,onClose:n});let c=async()=>t?s():void 0;return(0,V.jsx)(pe,{...a,onConfirm:c,onClose:n})}var Fe={CALL:`Call`,SCREEN_RECORDING:`Screen recording`,EMAIL:`E-mail`,CHAT:`Chat`},Q={INBOUND:`Inbound`,OUTBOUND:`Outbound`,INTERNAL:`Internal`},Ie={CUSTOMER:`Customer`,AGENT:`Agent`,SUPERVISOR:`Supervisor`,BOT:`Bot`,OTHER:`Other`},Le={CHAT_MESSAGE:`Messages`,EMAIL_BODY:`E-mails`,TRANSCRIPT:`Transcript`,DIARIZED:`Transcript by speaker`,SUMMARY:`Summary`,TRANSLATION:`Translation`},Re={CALL:`Call recording`,SCREEN:`Screen recording`},$={NONE:`No media`,AVAILABLE:`Available`,PLANNED_FOR_DELETION:`Planned for deletion of media files`,DELETED:`Deleted`,MISSING:`Recordings missing`};function ze(e,t){return t>0&&(e===`DELETED`||e===`PLANNED_FOR_DELETION`)?`Partly ${$[e].toLowerCase()}`:$[e]}var Be={placeholder:`_placeholder_yuuwv_1`};function Ve({value:e,anonymized:t}){return e==null||e===``?null:t?(0,V.jsx)(`span`,{className:Be.placeholder,title:`Personal data was removed`,children:e}):(0,V.jsx)(V.Fragment,{children:e})}export{Re as a,ze as c,k as d,ae as f,O as g,ne as h,Le as i,Me as l,re as m,Q as n,Ie as o,ie as p,$ as r,Fe as s,Ve as t,Z as u};