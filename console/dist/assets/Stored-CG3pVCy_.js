import{n as e}from"./rolldown-runtime-WkwZ5CU-.js";import{D as t,Dt as n,Et as r,Nt as i,O as a,On as o,Ot as s,Tt as c,c as l,f as u,ft as d,j as f,k as p,kt as m,l as h,mr as ee,s as g,u as _,w as v,wt as y}from"./viewer-pCPDqwnQ.js";import{r as b}from"./IconDeviceDesktop-CTmjsiBI.js";import{r as x}from"./socket-CIY-SBGD.js";import{i as S,n as C,r as w,t as T}from"./useApiMutation-Cqqd5g_D.js";import{t as te}from"./TextInput-BcMxq_jl.js";import{t as ne}from"./Anchor-Be5PtxYl.js";var E=p(`outline`,`check`,`Check`,[[`path`,{d:`M5 12l5 5l10 -10`,key:`svg-0`}]]),re=p(`outline`,`file-unknown`,`FileUnknown`,[[`path`,{d:`M14 3v4a1 1 0 0 0 1 1h4`,key:`svg-0`}],[`path`,{d:`M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2`,key:`svg-1`}],[`path`,{d:`M12 17v.01`,key:`svg-2`}],[`path`,{d:`M12 14a1.5 1.5 0 1 0 -1.14 -2.474`,key:`svg-3`}]]),ie=p(`outline`,`mail`,`Mail`,[[`path`,{d:`M3 7a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2v-10`,key:`svg-0`}],[`path`,{d:`M3 7l9 6l9 -6`,key:`svg-1`}]]),ae=p(`outline`,`message`,`Message`,[[`path`,{d:`M8 9h8`,key:`svg-0`}],[`path`,{d:`M8 13h6`,key:`svg-1`}],[`path`,{d:`M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1 -3 3h-5l-5 3v-3h-2a3 3 0 0 1 -3 -3v-8a3 3 0 0 1 3 -3h12`,key:`svg-2`}]]),D=p(`outline`,`phone`,`Phone`,[[`path`,{d:`M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2`,key:`svg-0`}]]),O=p(`outline`,`shield-check`,`ShieldCheck`,[[`path`,{d:`M11.46 20.846a12 12 0 0 1 -7.96 -14.846a12 12 0 0 0 8.5 -3a12 12 0 0 0 8.5 3a12 12 0 0 1 -.09 7.06`,key:`svg-0`}],[`path`,{d:`M15 19l2 2l4 -4`,key:`svg-1`}]]),k=e(ee(),1),A=e=>u(e,`conversation`),j={CHAT_MESSAGE:[`chat message`,`chat messages`],EMAIL_BODY:[`e-mail body`,`e-mail bodies`],TRANSCRIPT:[`transcript`,`transcripts`],DIARIZED:[`transcript by speaker`,`transcripts by speaker`],SUMMARY:[`summary`,`summaries`],TRANSLATION:[`translation`,`translations`]};function M({phoneNumbers:e,digitalAddresses:t,subjects:n,messages:r}){return[e&&u(e,`phone number`),t&&u(t,`e-mail address, IP address or chat handle`,`e-mail addresses, IP addresses and chat handles`),n&&u(n,`subject or chat room name`,`subjects and chat room names`),...r.map(({kind:e,count:t})=>t&&u(t,...j[e]))].filter(e=>typeof e==`string`)}var N=({customData:e,otherData:t})=>[...e,...t].map(({key:e,count:t})=>({key:e,values:u(t,`value`)})),P={CALL:`call recording`,SCREEN:`screen recording`},F=({media:e})=>e.filter(({planned:e})=>e>0).map(({kind:e,planned:t})=>u(t,P[e]));function I({media:e}){return e.flatMap(({kind:e,protected:t,kept:n,alreadyPlanned:r,deleted:i,missing:a})=>[t&&`${u(t,P[e])}: protected, and ${t===1?`stays`:`stay`}`,n&&`${u(n,P[e])}: the switch for media files is off`,r&&`${u(r,P[e])}: planned for deletion already`,i&&`${u(i,P[e])}: deleted already`,a&&`${u(a,P[e])}: missing, and deleted should an import bring ${a===1?`it`:`them`}`].filter(e=>typeof e==`string`))}var L={UNTOUCHED:``,ANONYMIZED:``,CONTENT_KEPT:`since the settings leave some of the content`,PROTECTED_MEDIA:`since a protected recording is left`};function R({reviewEndsCount:e,notReviewableCount:t,staysReviewable:n}){return[e&&`${A(e)} can no longer be reviewed`,...n.map(({reason:e,count:t})=>`${A(t)} ${t===1?`stays`:`stay`} reviewable, ${L[e]}`),t&&`${A(t)} could not be reviewed before either`].filter(e=>typeof e==`string`)}function z({unchanged:e,reviewableBefore:t,reviewableAfter:n,effect:r}){if(e)return`nothing changes: it is anonymized already`;let i=r.media.reduce((e,t)=>e+t.protected,0);return[`${u(r.valueCount,`value`)} overwritten`,...F(r).map(e=>`${e} deleted`),...i?[`${u(i,`recording`)} protected`]:[],...t&&!n?[`no longer reviewable`]:[]].join(`, `)}var B=o();function V({preview:{conversationCount:e,unchangedCount:t},busy:r,waiting:a,failed:o,onConfirm:s,onClose:c}){let[l,u]=(0,k.useState)(``),d=t===e,f=!d&&l.trim()===String(e),[p,m]=H(a,o,s);return(0,B.jsx)(`form`,{onSubmit:e=>{e.preventDefault(),f&&!r&&p()},children:(0,B.jsxs)(y,{children:[!d&&(0,B.jsx)(U,{many:e,typed:l,onTyped:u,busy:r||m}),(0,B.jsxs)(i,{justify:`flex-end`,children:[(0,B.jsx)(n,{variant:`default`,onClick:c,disabled:r,children:d?`Close`:`Cancel`}),!d&&(0,B.jsxs)(n,{type:`submit`,color:`red`,disabled:!f,loading:r||m,children:[`Anonymize `,A(e)]})]})]})})}function H(e,t,n){let[r,i]=(0,k.useState)(!1),a=(0,k.useEffectEvent)(async()=>t?void 0:n());return(0,k.useEffect)(()=>{r&&!e&&a().finally(()=>i(!1))},[r,e]),[()=>e?i(!0):void n(),r]}function U({many:e,typed:t,onTyped:n,busy:r}){return e===1?(0,B.jsx)(S,{label:`I know that this cannot be undone`,checked:t!==``,onChange:e=>n(e.currentTarget.checked?`1`:``),disabled:r}):(0,B.jsx)(te,{label:`Type ${e}, the number of conversations, to confirm`,value:t,onChange:e=>n(e.currentTarget.value),inputMode:`numeric`,autoComplete:`off`,disabled:r,w:`100%`,maw:`24rem`})}var W={title:`_title_1jkxv_1`,facts:`_facts_1jkxv_6`,list:`_list_1jkxv_21`,each:`_each_1jkxv_31`,summary:`_summary_1jkxv_49`};function G({rows:e}){let[t,n]=(0,k.useState)(!1);return e.length<2?null:(0,B.jsxs)(`details`,{open:t,onToggle:e=>n(e.currentTarget.open),children:[(0,B.jsx)(`summary`,{className:W.summary,children:`Conversation by conversation`}),t&&(0,B.jsx)(`ul`,{className:W.each,tabIndex:0,"aria-label":`Conversation by conversation`,children:e.map(e=>(0,B.jsxs)(`li`,{children:[(0,B.jsx)(C,{value:e.conversation.startedAt}),` `,(0,B.jsx)(`span`,{children:z(e)})]},e.conversation.id))})]})}function K({preview:e}){let{effect:t,unchangedCount:n,conversationCount:i,settingsVersion:a}=e,o=N(t).map(({key:e,values:t})=>(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(r,{children:e}),`: `,t]}));return(0,B.jsxs)(B.Fragment,{children:[n<i&&(0,B.jsx)(q,{}),(0,B.jsxs)(`dl`,{className:W.facts,children:[(0,B.jsx)(Y,{term:`Overwritten`,lines:[...M(t),...o],none:`No stored value`}),(0,B.jsx)(Y,{term:`Deleted`,lines:F(t),none:`No recording`}),(0,B.jsx)(Y,{term:`Stays`,lines:I(t)}),(0,B.jsx)(Y,{term:`Review`,lines:R(e)}),(0,B.jsx)(Y,{term:`Unchanged`,lines:n?[J(n,i)]:[]}),(0,B.jsx)(Y,{term:`Settings`,lines:[`Version ${a} decides what is personal data`]})]}),(0,B.jsx)(G,{rows:e.conversations})]})}function q(){return(0,B.jsx)(m,{color:`red`,icon:(0,B.jsx)(a,{"aria-hidden":!0}),title:`This is for good`,children:(0,B.jsx)(s,{size:`sm`,children:`What is overwritten or deleted cannot be brought back by anybody.`})})}function J(e,t){let n=`anonymized already in all that is switched on`;return e===t?t===1?`The conversation is ${n}`:`All conversations are ${n}`:`${A(e)}: ${n}`}function Y({term:e,lines:t,none:n}){let r=t.length>0?t:n?[n]:[];return r.length===0?null:(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(`dt`,{children:e}),(0,B.jsx)(`dd`,{children:(0,B.jsx)(`ul`,{className:W.list,children:r.map((e,t)=>(0,B.jsx)(`li`,{children:e},t))})})]})}function X({phase:e,changed:t,preview:n}){return e.at===`doing`?null:(0,B.jsxs)(B.Fragment,{children:[e.at===`unsure`&&(0,B.jsx)(se,{error:e.error,preview:n}),e.at===`asking`&&e.refused&&(0,B.jsx)(g,{error:e.refused}),e.at===`asking`&&t&&n&&(0,B.jsx)(oe,{what:t,version:n.settingsVersion})]})}function oe({what:e,version:t}){let n=e===`settings`;return(0,B.jsx)(m,{color:`yellow`,role:`alert`,title:n?`The settings were changed meanwhile`:`Something changed meanwhile`,children:(0,B.jsx)(s,{size:`sm`,children:n?`Version ${t} of the compliance settings is in force now. Nothing was anonymized from here; below is what would happen under it.`:`Somebody changed what you are about to anonymize. Below is what would happen now.`})})}function se({error:e,preview:t}){let n=e.kind===`offline`,r=n?`It may have been done, or not`:`The server answered with an error`,i=n?`It went wrong after your request was sent, and before its answer came.`:`A request is done as a whole or not at all; the server can fail before that, or after it.`;return(0,B.jsxs)(m,{color:`yellow`,role:`alert`,title:r,children:[(0,B.jsxs)(s,{size:`sm`,children:[_(e),` `,i,` `,t?ce(t):n?`What became of it shows as soon as the server answers again.`:``]}),(0,B.jsx)(h,{error:e})]})}function ce({unchangedCount:e,conversationCount:t}){let n=t-e;return n===0?`By now ${t===1?`it is`:`all of them are`} anonymized: there is nothing left to do.`:e===0?`By now nothing has been anonymized. You can try again.`:`By now ${A(e)} of ${t} are anonymized, ${n} not. You can try again.`}function le({preview:{problems:e},ids:t,onLeaveOut:r,onClose:a}){let o=e.filter(({code:e})=>e===`NOT_FOUND`),s=o.length===e.length&&o.length<t.length;return(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(m,{color:`red`,role:`alert`,title:`This cannot be done as it is`,children:(0,B.jsx)(x,{size:`sm`,children:e.map((e,n)=>(0,B.jsx)(x.Item,{children:ue(e,t.length)},n))})}),(0,B.jsxs)(i,{justify:`flex-end`,children:[(0,B.jsx)(n,{variant:`default`,onClick:a,children:`Cancel`}),s&&(0,B.jsxs)(n,{onClick:()=>r(o),children:[`Leave out `,A(o.length)]})]})]})}function ue({code:e,message:t,field:n},r){if(e===`NOTHING_SELECTED`)return(0,B.jsx)(de,{});if(e!==`NOT_FOUND`)return(0,B.jsx)(s,{size:`sm`,children:t});let i=r===1?`The conversation`:`Conversation ${Number(n?.at(-1))+1} of ${r}`;return(0,B.jsxs)(s,{size:`sm`,children:[i,` does not exist any more, or you may not see it.`]})}function de(){return(0,B.jsxs)(s,{size:`sm`,children:[`The compliance settings select nothing, so nothing would be removed. Choose what counts as personal data on the`,` `,(0,B.jsx)(ne,{component:d,to:`/compliance`,c:`inherit`,underline:`always`,children:`Compliance page`}),` `,`and save it there first.`]})}function fe(e){let{query:t,preview:r,phase:a,onClose:o}=e;if(r)return(0,B.jsx)(pe,{...e,preview:r});let s=a.at===`unsure`,c=t.error?.kind===`forbidden`||t.error?.kind===`invalid`?void 0:t.refetch;return(0,B.jsxs)(y,{children:[s&&(0,B.jsx)(X,{...e,preview:void 0}),t.error?(0,B.jsx)(g,{error:t.error,retry:c}):(0,B.jsx)(l,{label:s?`Finding out what became of it`:`Finding out what would happen`}),(0,B.jsx)(i,{justify:`flex-end`,children:(0,B.jsx)(n,{variant:`default`,onClick:o,children:s?`Close`:`Cancel`})})]})}function pe({preview:e,...t}){let{ids:n,phase:r,leaveOut:i,query:a,onConfirm:o,onClose:s}=t;return(0,B.jsxs)(y,{children:[(0,B.jsx)(X,{...t,preview:e}),a.error&&(0,B.jsx)(g,{error:a.error,retry:a.refetch}),e.problems.length>0?(0,B.jsx)(le,{preview:e,ids:n,onLeaveOut:i,onClose:s}):(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(K,{preview:e}),(0,B.jsx)(V,{preview:e,busy:r.at===`doing`,waiting:a.fetching&&r.at!==`doing`,failed:a.error!==void 0,onConfirm:o,onClose:s},JSON.stringify(e))]})]})}function me({result:e,onClose:t}){let r=(0,k.useRef)(null);return(0,k.useEffect)(()=>r.current?.focus(),[]),(0,B.jsxs)(y,{children:[e.done>0&&(0,B.jsx)(he,{...e}),e.unchanged>0&&(0,B.jsx)(ge,{...e}),e.failures.length>0&&(0,B.jsx)(_e,{...e}),(0,B.jsx)(i,{justify:`flex-end`,children:(0,B.jsx)(n,{ref:r,onClick:t,children:`Close`})})]})}function he({done:e,planned:t,notReviewable:n,settingsVersion:r}){return(0,B.jsx)(m,{color:`green`,role:`status`,icon:(0,B.jsx)(E,{"aria-hidden":!0}),title:`${A(e)} anonymized`,children:(0,B.jsxs)(s,{size:`sm`,children:[`Under version `,r,` of the compliance settings. The old values are gone, from this page too.`,t>0&&` Recordings of ${A(t)} are planned for deletion; the Delete tool removes them.`,n>0&&` ${A(n)} can no longer be reviewed.`]})})}function ge({unchanged:e}){return(0,B.jsxs)(s,{size:`sm`,children:[A(e),` `,e===1?`was`:`were`,` anonymized already; nothing changed there.`]})}function _e({done:e,failures:t}){let n=e===0?`Nothing was anonymized`:`${A(t.length)} could not be anonymized`;return(0,B.jsx)(m,{color:`red`,role:`alert`,title:n,children:(0,B.jsx)(x,{size:`sm`,children:t.map(e=>(0,B.jsxs)(x.Item,{children:[(0,B.jsx)(ve,{...e}),`: `,e.message]},e.id))})})}function ve({id:e,known:t}){return t?(0,B.jsxs)(B.Fragment,{children:[`The conversation of `,(0,B.jsx)(C,{value:t.startedAt})]}):(0,B.jsxs)(B.Fragment,{children:[`Conversation `,e]})}t(`
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
`);var ye=t(`
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
`),be=t(`
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
`),xe=t(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`),Se=t(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function Ce({conversations:e,settingsVersion:t,userErrors:n},r,i){let a=new Map(i.conversations.map(e=>[e.conversation.id,e])),o=(e??[]).map(e=>({now:e,before:a.get(e.id)})),s=o.filter(e=>!e.before?.unchanged);return{done:s.length,unchanged:o.length-s.length,planned:s.filter(e=>we(e.before)&&e.now.mediaStatus!==`AVAILABLE`).length,notReviewable:s.filter(e=>!e.now.reviewability.reviewable&&e.before?.reviewableBefore!==!1).length,settingsVersion:t??null,failures:n.map(({message:e,field:t})=>{let n=r[Number(t?.at(-1))]??``;return{id:n,known:a.get(n)?.conversation,message:e}})}}var we=e=>e?.effect.media.some(({planned:e})=>e>0)??!1,Te=150;function Z(e){let[t,n]=(0,k.useState)(!1),r=(0,k.useEffectEvent)(()=>{n(!1),e()});return(0,k.useEffect)(()=>{if(!t)return;let e=setTimeout(()=>r(),Te);return()=>clearTimeout(e)},[t]),(0,k.useCallback)(()=>n(!0),[])}function Ee(e,t){let n=v(ye,{variables:{ids:e},pause:t||e.length===0}),[r,i]=(0,k.useState)(),a=n.data?.anonymizationPreview,o=r?.ids===e?r:void 0;a&&!t&&a!==o?.last&&!n.fetching&&i({ids:e,first:o?.first??a,last:a});let s=Z(n.refetch),c={next:s,gap:s};return w(xe,{ids:e},c,t||e.length===0),w(Se,{},c,t),{query:n,preview:o?.last,changed:o&&De(o.first,o.last)}}function De(e,t){return e.settingsVersion===t.settingsVersion?JSON.stringify(e)===JSON.stringify(t)?void 0:`conversations`:`settings`}function Oe(e,t){let[n,r]=(0,k.useState)(e),[i,a]=(0,k.useState)({at:`asking`}),{query:o,preview:s,changed:c}=Ee(n,i.at===`doing`||i.at===`done`),[l]=T(be),u=f(),d=(0,k.useContext)(b),p=(0,k.useRef)(!1);return{phase:i,ids:n,preview:i.at===`unsure`&&!o.data?void 0:s,changed:c,query:o,anonymize:async()=>{if(p.current||!s)return;p.current=!0,a({at:`doing`});let{data:e,error:r}=await l({ids:n,settingsVersion:s.settingsVersion}),i=Ae(e?.anonymizeConversations,r,n,s);p.current=!1,a(i),i.at===`asking`&&i.refused||u(),i.at===`done`&&(d.drop(),t())},leaveOut:e=>r(n.filter((t,n)=>!e.some(({field:e})=>e?.at(-1)===String(n))))}}var ke=[`forbidden`,`limited`];function Ae(e,t,n,r){return t&&!ke.includes(t.kind)?{at:`unsure`,error:t}:t||!e?{at:`asking`,refused:t}:e.userErrors.some(({code:e})=>e!==`NOT_FOUND`)?{at:`asking`}:{at:`done`,result:Ce(e,n,r)}}function je({ids:e,opened:t,onClose:n,onDone:r}){let[i,a]=(0,k.useState)({at:`asking`}),o=i.at===`doing`,s=t||o,l=e.length===1?`Anonymize this conversation?`:`Anonymize ${A(e.length)}?`,[u,d]=(0,k.useState)(l);return!s&&u!==l&&d(l),(0,B.jsx)(c,{opened:s,onClose:()=>!o&&n(),title:i.at===`done`?Q(i.result):u,size:`lg`,closeButtonProps:{"aria-label":`Close`,disabled:o},classNames:{title:W.title},children:(0,B.jsx)(Me,{ids:e,opened:t,onClose:n,onDone:r,onPhase:a})})}var Q=({done:e})=>e===0?`Nothing was anonymized`:`Anonymized ${A(e)}`;function Me({ids:e,opened:t,onClose:n,onDone:r,onPhase:i}){let a=Oe(e,()=>r?.()),{phase:o,anonymize:s}=a;if((0,k.useEffect)(()=>i(o),[i,o]),o.at===`done`)return(0,B.jsx)(me,{result:o.result,onClose:n});let c=async()=>t?s():void 0;return(0,B.jsx)(fe,{...a,onConfirm:c,onClose:n})}var Ne={CALL:`Call`,SCREEN_RECORDING:`Screen recording`,EMAIL:`E-mail`,CHAT:`Chat`},Pe={INBOUND:`Inbound: a customer began it`,OUTBOUND:`Outbound: the contact centre began it`,INTERNAL:`Internal: it stayed within the contact centre`},Fe={CUSTOMER:`Customer`,AGENT:`Agent`,SUPERVISOR:`Supervisor`,BOT:`Bot`,OTHER:`Other`},Ie={CHAT_MESSAGE:`Messages`,EMAIL_BODY:`E-mails`,TRANSCRIPT:`Transcript`,DIARIZED:`Diarized transcript`,SUMMARY:`Summary`,TRANSLATION:`Translation`},Le={CALL:`Call recording`,SCREEN:`Screen recording`},$={NONE:`Never any media`,AVAILABLE:`Available`,PLANNED_FOR_DELETION:`Planned for deletion of media files`,DELETED:`Deleted`,MISSING:`Recordings missing`};function Re(e,t){return t>0&&(e===`DELETED`||e===`PLANNED_FOR_DELETION`)?`In part ${$[e].toLowerCase()}`:$[e]}var ze={placeholder:`_placeholder_yuuwv_1`};function Be({value:e,anonymized:t}){return e==null||e===``?null:t?(0,B.jsx)(`span`,{className:ze.placeholder,title:`Removed: a placeholder stands where personal data stood`,children:e}):(0,B.jsx)(B.Fragment,{children:e})}export{Le as a,Re as c,O as d,D as f,E as g,re as h,Ie as i,je as l,ie as m,Pe as n,Fe as o,ae as p,$ as r,Ne as s,Be as t,Z as u};