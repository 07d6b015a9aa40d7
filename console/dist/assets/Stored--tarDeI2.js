import{n as e}from"./rolldown-runtime-WkwZ5CU-.js";import{Y as t,Zn as n,a as r,c as i,ct as a,d as o,dn as s,dt as c,f as l,ft as u,gt as d,lt as f,m as p,o as m,s as h,st as g,u as _,ut as v}from"./viewer-C9zlJOph.js";import{r as y}from"./IconDeviceDesktop-rpaYywVq.js";import{r as b}from"./socket-BtlEFq9l.js";import{i as ee,n as x,r as S,t as C}from"./useApiMutation-C00ncc9S.js";import{l as w,n as T,p as E}from"./format-J17cRa_t.js";import{t as te}from"./Anchor-COxXlK3q.js";var D=l(`outline`,`check`,`Check`,[[`path`,{d:`M5 12l5 5l10 -10`,key:`svg-0`}]]),ne=l(`outline`,`file-unknown`,`FileUnknown`,[[`path`,{d:`M14 3v4a1 1 0 0 0 1 1h4`,key:`svg-0`}],[`path`,{d:`M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2`,key:`svg-1`}],[`path`,{d:`M12 17v.01`,key:`svg-2`}],[`path`,{d:`M12 14a1.5 1.5 0 1 0 -1.14 -2.474`,key:`svg-3`}]]),re=l(`outline`,`mail`,`Mail`,[[`path`,{d:`M3 7a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2v-10`,key:`svg-0`}],[`path`,{d:`M3 7l9 6l9 -6`,key:`svg-1`}]]),ie=l(`outline`,`message`,`Message`,[[`path`,{d:`M8 9h8`,key:`svg-0`}],[`path`,{d:`M8 13h6`,key:`svg-1`}],[`path`,{d:`M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1 -3 3h-5l-5 3v-3h-2a3 3 0 0 1 -3 -3v-8a3 3 0 0 1 3 -3h12`,key:`svg-2`}]]),O=l(`outline`,`phone`,`Phone`,[[`path`,{d:`M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2`,key:`svg-0`}]]),k=l(`outline`,`shield-check`,`ShieldCheck`,[[`path`,{d:`M11.46 20.846a12 12 0 0 1 -7.96 -14.846a12 12 0 0 0 8.5 -3a12 12 0 0 0 8.5 3a12 12 0 0 1 -.09 7.06`,key:`svg-0`}],[`path`,{d:`M15 19l2 2l4 -4`,key:`svg-1`}]]),A=e(n(),1),j=e=>T(e,`conversation`),M={CHAT_MESSAGE:[`chat message`,`chat messages`],EMAIL_BODY:[`e-mail body`,`e-mail bodies`],TRANSCRIPT:[`transcript`,`transcripts`],DIARIZED:[`transcript by speaker`,`transcripts by speaker`],SUMMARY:[`summary`,`summaries`],TRANSLATION:[`translation`,`translations`]};function N({phoneNumbers:e,digitalAddresses:t,subjects:n,messages:r}){return[e&&T(e,`phone number`),t&&T(t,`e-mail address, IP address or chat handle`,`e-mail addresses, IP addresses and chat handles`),n&&T(n,`subject or chat room name`,`subjects and chat room names`),...r.map(({kind:e,count:t})=>t&&T(t,...M[e]))].filter(e=>typeof e==`string`)}var P=({customData:e,otherData:t})=>[...e,...t].map(({key:e,count:t})=>({key:e,values:T(t,`value`)})),F={CALL:`call recording`,SCREEN:`screen recording`},I=({media:e})=>e.filter(({planned:e})=>e>0).map(({kind:e,planned:t})=>T(t,F[e]));function L({media:e}){return e.flatMap(({kind:e,protected:t,kept:n,alreadyPlanned:r,deleted:i,missing:a})=>[t&&`${T(t,F[e])}: protected, and ${t===1?`stays`:`stay`}`,n&&`${T(n,F[e])}: the switch for media files is off`,r&&`${T(r,F[e])}: planned for deletion already`,i&&`${T(i,F[e])}: deleted already`,a&&`${T(a,F[e])}: missing, and deleted should an import bring ${a===1?`it`:`them`}`].filter(e=>typeof e==`string`))}var R={UNTOUCHED:``,ANONYMIZED:``,CONTENT_KEPT:`since the settings leave some of the content`,PROTECTED_MEDIA:`since a protected recording is left`};function z({reviewEndsCount:e,notReviewableCount:t,staysReviewable:n}){return[e&&`${j(e)} can no longer be reviewed`,...n.map(({reason:e,count:t})=>`${j(t)} ${t===1?`stays`:`stay`} reviewable, ${R[e]}`),t&&`${j(t)} could not be reviewed before either`].filter(e=>typeof e==`string`)}function B({unchanged:e,reviewableBefore:t,reviewableAfter:n,effect:r}){if(e)return`nothing changes: it is anonymized already`;let i=r.media.reduce((e,t)=>e+t.protected,0);return[`${T(r.valueCount,`value`)} overwritten`,...I(r).map(e=>`${e} deleted`),...i?[`${T(i,`recording`)} protected`]:[],...t&&!n?[`no longer reviewable`]:[]].join(`, `)}var V=s();function H({preview:{conversationCount:e,unchangedCount:t},busy:n,waiting:r,failed:i,onConfirm:a,onClose:o}){let[s,c]=(0,A.useState)(``),l=t===e,u=!l&&s.trim()===String(e),[f,p]=U(r,i,a);return(0,V.jsx)(`form`,{onSubmit:e=>{e.preventDefault(),u&&!n&&f()},children:(0,V.jsxs)(g,{children:[!l&&(0,V.jsx)(W,{many:e,typed:s,onTyped:c,busy:n||p}),(0,V.jsxs)(d,{justify:`flex-end`,children:[(0,V.jsx)(v,{variant:`default`,onClick:o,disabled:n,children:l?`Close`:`Cancel`}),!l&&(0,V.jsxs)(v,{type:`submit`,color:`red`,disabled:!u,loading:n||p,children:[`Anonymize `,j(e)]})]})]})})}function U(e,t,n){let[r,i]=(0,A.useState)(!1),a=(0,A.useEffectEvent)(async()=>t?void 0:n());return(0,A.useEffect)(()=>{r&&!e&&a().finally(()=>i(!1))},[r,e]),[()=>e?i(!0):void n(),r]}function W({many:e,typed:t,onTyped:n,busy:r}){return e===1?(0,V.jsx)(ee,{label:`I know that this cannot be undone`,checked:t!==``,onChange:e=>n(e.currentTarget.checked?`1`:``),disabled:r}):(0,V.jsx)(E,{label:`Type ${e}, the number of conversations, to confirm`,value:t,onChange:e=>n(e.currentTarget.value),inputMode:`numeric`,autoComplete:`off`,disabled:r,w:`100%`,maw:`24rem`})}var G={title:`_title_1jkxv_1`,facts:`_facts_1jkxv_6`,list:`_list_1jkxv_21`,each:`_each_1jkxv_31`,summary:`_summary_1jkxv_49`};function K({rows:e}){let[t,n]=(0,A.useState)(!1);return e.length<2?null:(0,V.jsxs)(`details`,{open:t,onToggle:e=>n(e.currentTarget.open),children:[(0,V.jsx)(`summary`,{className:G.summary,children:`Conversation by conversation`}),t&&(0,V.jsx)(`ul`,{className:G.each,tabIndex:0,"aria-label":`Conversation by conversation`,children:e.map(e=>(0,V.jsxs)(`li`,{children:[(0,V.jsx)(x,{value:e.conversation.startedAt}),` `,(0,V.jsx)(`span`,{children:B(e)})]},e.conversation.id))})]})}function q({preview:e}){let{effect:t,unchangedCount:n,conversationCount:r,settingsVersion:i}=e,a=P(t).map(({key:e,values:t})=>(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(f,{children:e}),`: `,t]}));return(0,V.jsxs)(V.Fragment,{children:[n<r&&(0,V.jsx)(J,{}),(0,V.jsxs)(`dl`,{className:G.facts,children:[(0,V.jsx)(X,{term:`Overwritten`,lines:[...N(t),...a],none:`No stored value`}),(0,V.jsx)(X,{term:`Deleted`,lines:I(t),none:`No recording`}),(0,V.jsx)(X,{term:`Stays`,lines:L(t)}),(0,V.jsx)(X,{term:`Review`,lines:z(e)}),(0,V.jsx)(X,{term:`Unchanged`,lines:n?[Y(n,r)]:[]}),(0,V.jsx)(X,{term:`Settings`,lines:[`Version ${i} decides what is personal data`]})]}),(0,V.jsx)(K,{rows:e.conversations})]})}function J(){return(0,V.jsx)(u,{color:`red`,icon:(0,V.jsx)(o,{"aria-hidden":!0}),title:`This is for good`,children:(0,V.jsx)(c,{size:`sm`,children:`What is overwritten or deleted cannot be brought back by anybody.`})})}function Y(e,t){let n=`anonymized already in all that is switched on`;return e===t?t===1?`The conversation is ${n}`:`All conversations are ${n}`:`${j(e)}: ${n}`}function X({term:e,lines:t,none:n}){let r=t.length>0?t:n?[n]:[];return r.length===0?null:(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(`dt`,{children:e}),(0,V.jsx)(`dd`,{children:(0,V.jsx)(`ul`,{className:G.list,children:r.map((e,t)=>(0,V.jsx)(`li`,{children:e},t))})})]})}function Z({phase:e,changed:t,preview:n}){return e.at===`doing`?null:(0,V.jsxs)(V.Fragment,{children:[e.at===`unsure`&&(0,V.jsx)(oe,{error:e.error,preview:n}),e.at===`asking`&&e.refused&&(0,V.jsx)(r,{error:e.refused}),e.at===`asking`&&t&&n&&(0,V.jsx)(ae,{what:t,version:n.settingsVersion})]})}function ae({what:e,version:t}){let n=e===`settings`;return(0,V.jsx)(u,{color:`yellow`,role:`alert`,title:n?`The settings were changed meanwhile`:`Something changed meanwhile`,children:(0,V.jsx)(c,{size:`sm`,children:n?`Version ${t} of the compliance settings is in force now. Nothing was anonymized from here; below is what would happen under it.`:`Somebody changed what you are about to anonymize. Below is what would happen now.`})})}function oe({error:e,preview:t}){let n=e.kind===`offline`,r=n?`It may have been done, or not`:`The server answered with an error`,i=n?`It went wrong after your request was sent, and before its answer came.`:`A request is done as a whole or not at all; the server can fail before that, or after it.`;return(0,V.jsxs)(u,{color:`yellow`,role:`alert`,title:r,children:[(0,V.jsxs)(c,{size:`sm`,children:[w(e.message),` `,i,` `,t?se(t):n?`What became of it shows as soon as the server answers again.`:``]}),(0,V.jsx)(h,{error:e})]})}function se({unchangedCount:e,conversationCount:t}){let n=t-e;return n===0?`By now ${t===1?`it is`:`all of them are`} anonymized: there is nothing left to do.`:e===0?`By now nothing has been anonymized. You can try again.`:`By now ${j(e)} of ${t} are anonymized, ${n} not. You can try again.`}function ce({preview:{problems:e},ids:t,onLeaveOut:n,onClose:r}){let i=e.filter(({code:e})=>e===`NOT_FOUND`),a=i.length===e.length&&i.length<t.length;return(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(u,{color:`red`,role:`alert`,title:`This cannot be done as it is`,children:(0,V.jsx)(b,{size:`sm`,children:e.map((e,n)=>(0,V.jsx)(b.Item,{children:le(e,t.length)},n))})}),(0,V.jsxs)(d,{justify:`flex-end`,children:[(0,V.jsx)(v,{variant:`default`,onClick:r,children:`Cancel`}),a&&(0,V.jsxs)(v,{onClick:()=>n(i),children:[`Leave out `,j(i.length)]})]})]})}function le({code:e,message:t,field:n},r){if(e===`NOTHING_SELECTED`)return(0,V.jsx)(ue,{});if(e!==`NOT_FOUND`)return(0,V.jsx)(c,{size:`sm`,children:t});let i=r===1?`The conversation`:`Conversation ${Number(n?.at(-1))+1} of ${r}`;return(0,V.jsxs)(c,{size:`sm`,children:[i,` does not exist any more, or you may not see it.`]})}function ue(){return(0,V.jsxs)(c,{size:`sm`,children:[`The compliance settings select nothing, so nothing would be removed. Choose what counts as personal data on the`,` `,(0,V.jsx)(te,{component:t,to:`/compliance`,c:`inherit`,underline:`always`,children:`Compliance page`}),` `,`and save it there first.`]})}function de(e){let{query:t,preview:n,phase:i,onClose:a}=e;if(n)return(0,V.jsx)(fe,{...e,preview:n});let o=i.at===`unsure`,s=t.error?.kind===`forbidden`||t.error?.kind===`invalid`?void 0:t.refetch;return(0,V.jsxs)(g,{children:[o&&(0,V.jsx)(Z,{...e,preview:void 0}),t.error?(0,V.jsx)(r,{error:t.error,retry:s}):(0,V.jsx)(m,{label:o?`Finding out what became of it`:`Finding out what would happen`}),(0,V.jsx)(d,{justify:`flex-end`,children:(0,V.jsx)(v,{variant:`default`,onClick:a,children:o?`Close`:`Cancel`})})]})}function fe({preview:e,...t}){let{ids:n,phase:i,leaveOut:a,query:o,onConfirm:s,onClose:c}=t;return(0,V.jsxs)(g,{children:[(0,V.jsx)(Z,{...t,preview:e}),o.error&&(0,V.jsx)(r,{error:o.error,retry:o.refetch}),e.problems.length>0?(0,V.jsx)(ce,{preview:e,ids:n,onLeaveOut:a,onClose:c}):(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(q,{preview:e}),(0,V.jsx)(H,{preview:e,busy:i.at===`doing`,waiting:o.fetching&&i.at!==`doing`,failed:o.error!==void 0,onConfirm:s,onClose:c},JSON.stringify(e))]})]})}function pe({result:e,onClose:t}){let n=(0,A.useRef)(null);return(0,A.useEffect)(()=>n.current?.focus(),[]),(0,V.jsxs)(g,{children:[e.done>0&&(0,V.jsx)(me,{...e}),e.failures.length>0&&(0,V.jsx)(he,{...e}),(0,V.jsx)(d,{justify:`flex-end`,children:(0,V.jsx)(v,{ref:n,onClick:t,children:`Close`})})]})}function me({done:e,planned:t,notReviewable:n,settingsVersion:r}){return(0,V.jsx)(u,{color:`green`,role:`status`,icon:(0,V.jsx)(D,{"aria-hidden":!0}),title:`${j(e)} anonymized`,children:(0,V.jsxs)(c,{size:`sm`,children:[`Under version `,r,` of the compliance settings. The old values are gone, from this page too.`,t>0&&` Recordings of ${j(t)} are planned for deletion; the Delete tool removes them.`,n>0&&` ${j(n)} can no longer be reviewed.`]})})}function he({done:e,failures:t}){let n=e===0?`Nothing was anonymized`:`${j(t.length)} could not be anonymized`;return(0,V.jsx)(u,{color:`red`,role:`alert`,title:n,children:(0,V.jsx)(b,{size:`sm`,children:t.map(e=>(0,V.jsxs)(b.Item,{children:[(0,V.jsx)(ge,{...e}),`: `,e.message]},e.id))})})}function ge({id:e,known:t}){return t?(0,V.jsxs)(V.Fragment,{children:[`The conversation of `,(0,V.jsx)(x,{value:t.startedAt})]}):(0,V.jsxs)(V.Fragment,{children:[`Conversation `,e]})}_(`
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
`);var _e=_(`
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
`),ve=_(`
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
`),ye=_(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`),be=_(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function xe({conversations:e,settingsVersion:t,userErrors:n},r,i){let a=e??[],o=new Map(i.conversations.map(({conversation:e})=>[e.id,e]));return{done:a.length,planned:a.filter(({mediaStatus:e})=>e===`PLANNED_FOR_DELETION`).length,notReviewable:a.filter(({reviewability:e})=>!e.reviewable).length,settingsVersion:t??null,failures:n.map(({message:e,field:t})=>{let n=r[Number(t?.at(-1))]??``;return{id:n,known:o.get(n),message:e}})}}var Se=150;function Q(e){let[t,n]=(0,A.useState)(!1),r=(0,A.useEffectEvent)(()=>{n(!1),e()});return(0,A.useEffect)(()=>{if(!t)return;let e=setTimeout(()=>r(),Se);return()=>clearTimeout(e)},[t]),(0,A.useCallback)(()=>n(!0),[])}function Ce(e,t){let n=i(_e,{variables:{ids:e},pause:t||e.length===0}),[r,a]=(0,A.useState)(),o=n.data?.anonymizationPreview,s=r?.ids===e?r:void 0;o&&!t&&o!==s?.last&&!n.fetching&&a({ids:e,first:s?.first??o,last:o});let c=Q(n.refetch),l={next:c,gap:c};return S(ye,{ids:e},l,t||e.length===0),S(be,{},l,t),{query:n,preview:s?.last,changed:s&&we(s.first,s.last)}}function we(e,t){return e.settingsVersion===t.settingsVersion?JSON.stringify(e)===JSON.stringify(t)?void 0:`conversations`:`settings`}function Te(e,t){let[n,r]=(0,A.useState)(e),[i,a]=(0,A.useState)({at:`asking`}),{query:o,preview:s,changed:c}=Ce(n,i.at===`doing`||i.at===`done`),[l]=C(ve),u=p(),d=(0,A.useContext)(y),f=(0,A.useRef)(!1);return{phase:i,ids:n,preview:i.at===`unsure`&&!o.data?void 0:s,changed:c,query:o,anonymize:async()=>{if(f.current||!s)return;f.current=!0,a({at:`doing`});let{data:e,error:r}=await l({ids:n,settingsVersion:s.settingsVersion}),i=Ee(e?.anonymizeConversations,r,n,s);f.current=!1,a(i),i.at===`asking`&&i.refused||u(),i.at===`done`&&(d.drop(),t())},leaveOut:e=>r(n.filter((t,n)=>!e.some(({field:e})=>e?.at(-1)===String(n))))}}function Ee(e,t,n,r){return t&&t.kind!==`forbidden`?{at:`unsure`,error:t}:t||!e?{at:`asking`,refused:t}:e.userErrors.some(({code:e})=>e!==`NOT_FOUND`)?{at:`asking`}:{at:`done`,result:xe(e,n,r)}}function De({ids:e,opened:t,onClose:n,onDone:r}){let[i,o]=(0,A.useState)(!1),s=e.length===1?`Anonymize this conversation?`:`Anonymize ${j(e.length)}?`,[c,l]=(0,A.useState)(s);return!t&&c!==s&&l(s),(0,V.jsx)(a,{opened:t,onClose:()=>!i&&n(),title:c,size:`lg`,closeButtonProps:{"aria-label":`Close`,disabled:i},classNames:{title:G.title},children:(0,V.jsx)($,{ids:e,opened:t,onClose:n,onDone:r,onBusy:o})})}function $({ids:e,opened:t,onClose:n,onDone:r,onBusy:i}){let a=Te(e,()=>r?.()),{phase:o,anonymize:s}=a;if((0,A.useEffect)(()=>i(o.at===`doing`),[i,o.at]),o.at===`done`)return(0,V.jsx)(pe,{result:o.result,onClose:n});let c=async()=>t?s():void 0;return(0,V.jsx)(de,{...a,onConfirm:c,onClose:n})}var Oe={CALL:`Call`,SCREEN_RECORDING:`Screen recording`,EMAIL:`E-mail`,CHAT:`Chat`},ke={INBOUND:`Inbound: a customer began it`,OUTBOUND:`Outbound: the contact centre began it`,INTERNAL:`Internal: it stayed within the contact centre`},Ae={CUSTOMER:`Customer`,AGENT:`Agent`,SUPERVISOR:`Supervisor`,BOT:`Bot`,OTHER:`Other`},je={CHAT_MESSAGE:`Messages`,EMAIL_BODY:`E-mails`,TRANSCRIPT:`Transcript`,DIARIZED:`Diarized transcript`,SUMMARY:`Summary`,TRANSLATION:`Translation`},Me={CALL:`Call recording`,SCREEN:`Screen recording`},Ne={NONE:`Never any media`,AVAILABLE:`Available`,PLANNED_FOR_DELETION:`Planned for deletion of media files`,DELETED:`Deleted`,MISSING:`Recordings missing`},Pe={placeholder:`_placeholder_yuuwv_1`};function Fe({value:e,anonymized:t}){return e==null||e===``?null:t?(0,V.jsx)(`span`,{className:Pe.placeholder,title:`Removed: a placeholder stands where personal data stood`,children:e}):(0,V.jsx)(V.Fragment,{children:e})}export{Me as a,De as c,O as d,ie as f,D as h,je as i,Q as l,ne as m,ke as n,Ae as o,re as p,Ne as r,Oe as s,Fe as t,k as u};