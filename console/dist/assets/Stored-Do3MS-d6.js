import{A as e,An as t,At as n,Cr as r,Dt as i,E as a,Et as o,Ft as s,N as c,Ot as l,c as u,gr as d,j as f,jt as p,k as m,kt as h,l as g,mt as _,p as v,s as y,u as b}from"./viewer-CYBRu3yW.js";import{r as ee}from"./IconDeviceDesktop-xGGpEvia.js";import{r as x}from"./socket-CzRC7rsI.js";import{i as S,n as C,r as w,t as T}from"./useApiMutation-BbtZu18H.js";import{t as E}from"./TextInput-BwWyLpbN.js";import{t as te}from"./Anchor-CY0IWFYY.js";var D=f(`outline`,`check`,`Check`,[[`path`,{d:`M5 12l5 5l10 -10`,key:`svg-0`}]]),ne=f(`outline`,`file-unknown`,`FileUnknown`,[[`path`,{d:`M14 3v4a1 1 0 0 0 1 1h4`,key:`svg-0`}],[`path`,{d:`M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2`,key:`svg-1`}],[`path`,{d:`M12 17v.01`,key:`svg-2`}],[`path`,{d:`M12 14a1.5 1.5 0 1 0 -1.14 -2.474`,key:`svg-3`}]]),re=f(`outline`,`mail`,`Mail`,[[`path`,{d:`M3 7a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2v-10`,key:`svg-0`}],[`path`,{d:`M3 7l9 6l9 -6`,key:`svg-1`}]]),ie=f(`outline`,`message`,`Message`,[[`path`,{d:`M8 9h8`,key:`svg-0`}],[`path`,{d:`M8 13h6`,key:`svg-1`}],[`path`,{d:`M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1 -3 3h-5l-5 3v-3h-2a3 3 0 0 1 -3 -3v-8a3 3 0 0 1 3 -3h12`,key:`svg-2`}]]),ae=f(`outline`,`phone`,`Phone`,[[`path`,{d:`M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2`,key:`svg-0`}]]),O=f(`outline`,`shield-check`,`ShieldCheck`,[[`path`,{d:`M11.46 20.846a12 12 0 0 1 -7.96 -14.846a12 12 0 0 0 8.5 -3a12 12 0 0 0 8.5 3a12 12 0 0 1 -.09 7.06`,key:`svg-0`}],[`path`,{d:`M15 19l2 2l4 -4`,key:`svg-1`}]]),k=r(d(),1),A=e=>v(e,`conversation`),j={CHAT_MESSAGE:[`chat message`,`chat messages`],EMAIL_BODY:[`e-mail body`,`e-mail bodies`],TRANSCRIPT:[`transcript`,`transcripts`],DIARIZED:[`transcript by speaker`,`transcripts by speaker`],SUMMARY:[`summary`,`summaries`],TRANSLATION:[`translation`,`translations`]};function M({phoneNumbers:e,digitalAddresses:t,subjects:n,messages:r}){return[e&&v(e,`phone number`),t&&v(t,`e-mail address, IP address or chat handle`,`e-mail addresses, IP addresses and chat handles`),n&&v(n,`subject or chat room name`,`subjects and chat room names`),...r.map(({kind:e,count:t})=>t&&v(t,...j[e]))].filter(e=>typeof e==`string`)}var N=({customData:e,otherData:t})=>[...e,...t].map(({key:e,count:t})=>({key:e,values:v(t,`value`)})),P={CALL:`call recording`,SCREEN:`screen recording`},F=({media:e})=>e.filter(({planned:e})=>e>0).map(({kind:e,planned:t})=>v(t,P[e]));function I({media:e}){return e.flatMap(({kind:e,protected:t,kept:n,alreadyPlanned:r,deleted:i,missing:a})=>[t&&`${v(t,P[e])}: protected, and ${t===1?`stays`:`stay`}`,n&&`${v(n,P[e])}: the switch for media files is off`,r&&`${v(r,P[e])}: planned for deletion already`,i&&`${v(i,P[e])}: deleted already`,a&&`${v(a,P[e])}: missing, and deleted should an import bring ${a===1?`it`:`them`}`].filter(e=>typeof e==`string`))}var L={UNTOUCHED:``,ANONYMIZED:``,CONTENT_KEPT:`since the settings leave some of the content`,PROTECTED_MEDIA:`since a protected recording is left`};function R({reviewEndsCount:e,notReviewableCount:t,staysReviewable:n}){return[e&&`${A(e)} can no longer be reviewed`,...n.map(({reason:e,count:t})=>`${A(t)} ${t===1?`stays`:`stay`} reviewable, ${L[e]}`),t&&`${A(t)} could not be reviewed before either`].filter(e=>typeof e==`string`)}function z({isUnchanged:e,isReviewableBefore:t,isReviewableAfter:n,effect:r}){if(e)return`nothing changes: it is anonymized already`;let i=r.media.reduce((e,t)=>e+t.protected,0);return[`${v(r.valueCount,`value`)} overwritten`,...F(r).map(e=>`${e} deleted`),...i?[`${v(i,`recording`)} protected`]:[],...t&&!n?[`no longer reviewable`]:[]].join(`, `)}var B=t();function V({preview:{conversationCount:e,unchangedCount:t},busy:n,waiting:r,failed:i,onConfirm:a,onClose:c}){let[l,u]=(0,k.useState)(``),d=t===e,f=!d&&l.trim()===String(e),[p,m]=H(r,i,a);return(0,B.jsx)(`form`,{onSubmit:e=>{e.preventDefault(),f&&!n&&p()},children:(0,B.jsxs)(o,{children:[!d&&(0,B.jsx)(U,{many:e,typed:l,onTyped:u,busy:n||m}),(0,B.jsxs)(s,{justify:`flex-end`,children:[(0,B.jsx)(h,{variant:`default`,onClick:c,disabled:n,children:d?`Close`:`Cancel`}),!d&&(0,B.jsxs)(h,{type:`submit`,color:`red`,disabled:!f,loading:n||m,children:[`Anonymize `,A(e)]})]})]})})}function H(e,t,n){let[r,i]=(0,k.useState)(!1),a=(0,k.useEffectEvent)(async()=>t?void 0:n());return(0,k.useEffect)(()=>{r&&!e&&a().finally(()=>i(!1))},[r,e]),[()=>e?i(!0):void n(),r]}function U({many:e,typed:t,onTyped:n,busy:r}){return e===1?(0,B.jsx)(S,{label:`I know that this cannot be undone`,checked:t!==``,onChange:e=>n(e.currentTarget.checked?`1`:``),disabled:r}):(0,B.jsx)(E,{label:`Type ${e}, the number of conversations, to confirm`,value:t,onChange:e=>n(e.currentTarget.value),inputMode:`numeric`,autoComplete:`off`,disabled:r,w:`100%`,maw:`24rem`})}var W={title:`_title_1jkxv_1`,facts:`_facts_1jkxv_6`,list:`_list_1jkxv_21`,each:`_each_1jkxv_31`,summary:`_summary_1jkxv_49`};function G({rows:e}){let[t,n]=(0,k.useState)(!1);return e.length<2?null:(0,B.jsxs)(`details`,{open:t,onToggle:e=>n(e.currentTarget.open),children:[(0,B.jsx)(`summary`,{className:W.summary,children:`Conversation by conversation`}),t&&(0,B.jsx)(`ul`,{className:W.each,tabIndex:0,"aria-label":`Conversation by conversation`,children:e.map(e=>(0,B.jsxs)(`li`,{children:[(0,B.jsx)(C,{value:e.conversation.startedAt}),` `,(0,B.jsx)(`span`,{children:z(e)})]},e.conversation.id))})]})}function K({preview:e}){let{effect:t,unchangedCount:n,conversationCount:r,settingsVersion:i}=e,a=N(t).map(({key:e,values:t})=>(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(l,{children:e}),`: `,t]}));return(0,B.jsxs)(B.Fragment,{children:[n<r&&(0,B.jsx)(q,{}),(0,B.jsxs)(`dl`,{className:W.facts,children:[(0,B.jsx)(Y,{term:`Overwritten`,lines:[...M(t),...a],none:`No stored value`}),(0,B.jsx)(Y,{term:`Deleted`,lines:F(t),none:`No recording`}),(0,B.jsx)(Y,{term:`Stays`,lines:I(t)}),(0,B.jsx)(Y,{term:`Review`,lines:R(e)}),(0,B.jsx)(Y,{term:`Unchanged`,lines:n?[J(n,r)]:[]}),(0,B.jsx)(Y,{term:`Settings`,lines:[`Version ${i} decides what is personal data`]})]}),(0,B.jsx)(G,{rows:e.conversations})]})}function q(){return(0,B.jsx)(p,{color:`red`,icon:(0,B.jsx)(e,{"aria-hidden":!0}),title:`This is for good`,children:(0,B.jsx)(n,{size:`sm`,children:`What is overwritten or deleted cannot be brought back by anybody.`})})}function J(e,t){let n=`anonymized already in all that is switched on`;return e===t?t===1?`The conversation is ${n}`:`All conversations are ${n}`:`${A(e)}: ${n}`}function Y({term:e,lines:t,none:n}){let r=t.length>0?t:n?[n]:[];return r.length===0?null:(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(`dt`,{children:e}),(0,B.jsx)(`dd`,{children:(0,B.jsx)(`ul`,{className:W.list,children:r.map((e,t)=>(0,B.jsx)(`li`,{children:e},t))})})]})}function X({phase:e,changed:t,preview:n}){return e.at===`doing`?null:(0,B.jsxs)(B.Fragment,{children:[e.at===`unsure`&&(0,B.jsx)(se,{error:e.error,preview:n}),e.at===`asking`&&e.refused&&(0,B.jsx)(y,{error:e.refused}),e.at===`asking`&&t&&n&&(0,B.jsx)(oe,{what:t,version:n.settingsVersion})]})}function oe({what:e,version:t}){let r=e===`settings`;return(0,B.jsx)(p,{color:`yellow`,role:`alert`,title:r?`The settings were changed meanwhile`:`Something changed meanwhile`,children:(0,B.jsx)(n,{size:`sm`,children:r?`Version ${t} of the compliance settings is in force now. Nothing was anonymized from here; below is what would happen under it.`:`Somebody changed what you are about to anonymize. Below is what would happen now.`})})}function se({error:e,preview:t}){let r=e.kind===`offline`,i=r?`It may have been done, or not`:`The server answered with an error`,a=r?`It went wrong after your request was sent, and before its answer came.`:`A request is done as a whole or not at all; the server can fail before that, or after it.`;return(0,B.jsxs)(p,{color:`yellow`,role:`alert`,title:i,children:[(0,B.jsxs)(n,{size:`sm`,children:[b(e),` `,a,` `,t?ce(t):r?`What became of it shows as soon as the server answers again.`:``]}),(0,B.jsx)(g,{error:e})]})}function ce({unchangedCount:e,conversationCount:t}){let n=t-e;return n===0?`By now ${t===1?`it is`:`all of them are`} anonymized: there is nothing left to do.`:e===0?`By now nothing has been anonymized. You can try again.`:`By now ${A(e)} of ${t} are anonymized, ${n} not. You can try again.`}function le({preview:{problems:e},ids:t,onLeaveOut:n,onClose:r}){let i=e.filter(({code:e})=>e===`NOT_FOUND`),a=i.length===e.length&&i.length<t.length;return(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(p,{color:`red`,role:`alert`,title:`This cannot be done as it is`,children:(0,B.jsx)(x,{size:`sm`,children:e.map((e,n)=>(0,B.jsx)(x.Item,{children:ue(e,t.length)},n))})}),(0,B.jsxs)(s,{justify:`flex-end`,children:[(0,B.jsx)(h,{variant:`default`,onClick:r,children:`Cancel`}),a&&(0,B.jsxs)(h,{onClick:()=>n(i),children:[`Leave out `,A(i.length)]})]})]})}function ue({code:e,message:t,field:r},i){if(e===`NOTHING_SELECTED`)return(0,B.jsx)(de,{});if(e!==`NOT_FOUND`)return(0,B.jsx)(n,{size:`sm`,children:t});let a=i===1?`The conversation`:`Conversation ${Number(r?.at(-1))+1} of ${i}`;return(0,B.jsxs)(n,{size:`sm`,children:[a,` does not exist any more, or you may not see it.`]})}function de(){return(0,B.jsxs)(n,{size:`sm`,children:[`The compliance settings select nothing, so nothing would be removed. Choose what counts as personal data on the`,` `,(0,B.jsx)(te,{component:_,to:`/compliance`,c:`inherit`,underline:`always`,children:`Compliance page`}),` `,`and save it there first.`]})}function fe(e){let{query:t,preview:n,phase:r,onClose:i}=e;if(n)return(0,B.jsx)(pe,{...e,preview:n});let a=r.at===`unsure`,c=t.error?.kind===`forbidden`||t.error?.kind===`invalid`?void 0:t.refetch;return(0,B.jsxs)(o,{children:[a&&(0,B.jsx)(X,{...e,preview:void 0}),t.error?(0,B.jsx)(y,{error:t.error,retry:c}):(0,B.jsx)(u,{label:a?`Finding out what became of it`:`Finding out what would happen`}),(0,B.jsx)(s,{justify:`flex-end`,children:(0,B.jsx)(h,{variant:`default`,onClick:i,children:a?`Close`:`Cancel`})})]})}function pe({preview:e,...t}){let{ids:n,phase:r,leaveOut:i,query:a,onConfirm:s,onClose:c}=t;return(0,B.jsxs)(o,{children:[(0,B.jsx)(X,{...t,preview:e}),a.error&&(0,B.jsx)(y,{error:a.error,retry:a.refetch}),e.problems.length>0?(0,B.jsx)(le,{preview:e,ids:n,onLeaveOut:i,onClose:c}):(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(K,{preview:e}),(0,B.jsx)(V,{preview:e,busy:r.at===`doing`,waiting:a.fetching&&r.at!==`doing`,failed:a.error!==void 0,onConfirm:s,onClose:c},JSON.stringify(e))]})]})}function me({result:e,onClose:t}){let n=(0,k.useRef)(null);return(0,k.useEffect)(()=>n.current?.focus(),[]),(0,B.jsxs)(o,{children:[e.done>0&&(0,B.jsx)(he,{...e}),e.unchanged>0&&(0,B.jsx)(ge,{...e}),e.failures.length>0&&(0,B.jsx)(_e,{...e}),(0,B.jsx)(s,{justify:`flex-end`,children:(0,B.jsx)(h,{ref:n,onClick:t,children:`Close`})})]})}function he({done:e,planned:t,notReviewable:r,settingsVersion:i}){return(0,B.jsx)(p,{color:`green`,role:`status`,icon:(0,B.jsx)(D,{"aria-hidden":!0}),title:`${A(e)} anonymized`,children:(0,B.jsxs)(n,{size:`sm`,children:[`Under version `,i,` of the compliance settings. The old values are gone, from this page too.`,t>0&&` Recordings of ${A(t)} are planned for deletion; the Delete tool removes them.`,r>0&&` ${A(r)} can no longer be reviewed.`]})})}function ge({unchanged:e}){return(0,B.jsxs)(n,{size:`sm`,children:[A(e),` `,e===1?`was`:`were`,` anonymized already; nothing changed there.`]})}function _e({done:e,failures:t}){let n=e===0?`Nothing was anonymized`:`${A(t.length)} could not be anonymized`;return(0,B.jsx)(p,{color:`red`,role:`alert`,title:n,children:(0,B.jsx)(x,{size:`sm`,children:t.map(e=>(0,B.jsxs)(x.Item,{children:[(0,B.jsx)(ve,{...e}),`: `,e.message]},e.id))})})}function ve({id:e,known:t}){return t?(0,B.jsxs)(B.Fragment,{children:[`The conversation of `,(0,B.jsx)(C,{value:t.startedAt})]}):(0,B.jsxs)(B.Fragment,{children:[`Conversation `,e]})}m(`
  fragment AnonymizationEffectFields on AnonymizationEffect {
    valueCount
    phoneNumbers
    digitalAddresses
    subjects
    messages {
      kind
      count
    }
    customData(first: 10000) {
      key
      count
    }
    otherData(first: 10000) {
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
`);var ye=m(`
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
        isUnchanged
        isReviewableBefore
        isReviewableAfter
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
`),be=m(`
  mutation AnonymizeConversations($ids: [ID!]!, $settingsVersion: Int!) {
    anonymizeConversations(input: { conversationIds: $ids, settingsVersion: $settingsVersion }) {
      settingsVersion
      conversations {
        id
        mediaStatus
        isReviewable
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`),xe=m(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`),Se=m(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function Ce({conversations:e,settingsVersion:t,userErrors:n},r,i){let a=new Map(i.conversations.map(e=>[e.conversation.id,e])),o=(e??[]).map(e=>({now:e,before:a.get(e.id)})),s=o.filter(e=>!e.before?.isUnchanged);return{done:s.length,unchanged:o.length-s.length,planned:s.filter(e=>we(e.before)&&e.now.mediaStatus!==`AVAILABLE`).length,notReviewable:s.filter(e=>!e.now.isReviewable&&e.before?.isReviewableBefore!==!1).length,settingsVersion:t??null,failures:n.map(({message:e,field:t})=>{let n=r[Number(t?.at(-1))]??``;return{id:n,known:a.get(n)?.conversation,message:e}})}}var we=e=>e?.effect.media.some(({planned:e})=>e>0)??!1,Te=150;function Z(e){let[t,n]=(0,k.useState)(!1),r=(0,k.useEffectEvent)(()=>{n(!1),e()});return(0,k.useEffect)(()=>{if(!t)return;let e=setTimeout(()=>r(),Te);return()=>clearTimeout(e)},[t]),(0,k.useCallback)(()=>n(!0),[])}function Ee(e,t){let n=a(ye,{variables:{ids:e},pause:t||e.length===0}),[r,i]=(0,k.useState)(),o=n.data?.anonymizationPreview,s=r?.ids===e?r:void 0;o&&!t&&o!==s?.last&&!n.fetching&&i({ids:e,first:s?.first??o,last:o});let c=Z(n.refetch),l={next:c,gap:c};return w(xe,{ids:e},l,t||e.length===0),w(Se,{},l,t),{query:n,preview:s?.last,changed:s&&De(s.first,s.last)}}function De(e,t){return e.settingsVersion===t.settingsVersion?JSON.stringify(e)===JSON.stringify(t)?void 0:`conversations`:`settings`}function Oe(e,t){let[n,r]=(0,k.useState)(e),[i,a]=(0,k.useState)({at:`asking`}),{query:o,preview:s,changed:l}=Ee(n,i.at===`doing`||i.at===`done`),[u]=T(be),d=c(),f=(0,k.useContext)(ee),p=(0,k.useRef)(!1);return{phase:i,ids:n,preview:i.at===`unsure`&&!o.data?void 0:s,changed:l,query:o,anonymize:async()=>{if(p.current||!s)return;p.current=!0,a({at:`doing`});let{data:e,error:r}=await u({ids:n,settingsVersion:s.settingsVersion}),i=Ae(e?.anonymizeConversations,r,n,s);p.current=!1,a(i),i.at===`asking`&&i.refused||d(),i.at===`done`&&(f.drop(),t())},leaveOut:e=>r(n.filter((t,n)=>!e.some(({field:e})=>e?.at(-1)===String(n))))}}var ke=[`forbidden`,`limited`];function Ae(e,t,n,r){return t&&!ke.includes(t.kind)?{at:`unsure`,error:t}:t||!e?{at:`asking`,refused:t}:e.userErrors.some(({code:e})=>e!==`NOT_FOUND`)?{at:`asking`}:{at:`done`,result:Ce(e,n,r)}}function je({ids:e,opened:t,onClose:n,onDone:r}){let[a,o]=(0,k.useState)({at:`asking`}),s=a.at===`doing`,c=t||s,l=e.length===1?`Anonymize this conversation?`:`Anonymize ${A(e.length)}?`,[u,d]=(0,k.useState)(l);return!c&&u!==l&&d(l),(0,B.jsx)(i,{opened:c,onClose:()=>!s&&n(),title:a.at===`done`?Q(a.result):u,size:`lg`,closeButtonProps:{"aria-label":`Close`,disabled:s},classNames:{title:W.title},children:(0,B.jsx)(Me,{ids:e,opened:t,onClose:n,onDone:r,onPhase:o})})}var Q=({done:e})=>e===0?`Nothing was anonymized`:`Anonymized ${A(e)}`;function Me({ids:e,opened:t,onClose:n,onDone:r,onPhase:i}){let a=Oe(e,()=>r?.()),{phase:o,anonymize:s}=a;if((0,k.useEffect)(()=>i(o),[i,o]),o.at===`done`)return(0,B.jsx)(me,{result:o.result,onClose:n});let c=async()=>t?s():void 0;return(0,B.jsx)(fe,{...a,onConfirm:c,onClose:n})}var Ne={CALL:`Call`,SCREEN_RECORDING:`Screen recording`,EMAIL:`E-mail`,CHAT:`Chat`},Pe={INBOUND:`Inbound: a customer began it`,OUTBOUND:`Outbound: the contact centre began it`,INTERNAL:`Internal: it stayed within the contact centre`},Fe={CUSTOMER:`Customer`,AGENT:`Agent`,SUPERVISOR:`Supervisor`,BOT:`Bot`,OTHER:`Other`},Ie={CHAT_MESSAGE:`Messages`,EMAIL_BODY:`E-mails`,TRANSCRIPT:`Transcript`,DIARIZED:`Diarized transcript`,SUMMARY:`Summary`,TRANSLATION:`Translation`},Le={CALL:`Call recording`,SCREEN:`Screen recording`},$={NONE:`Never any media`,AVAILABLE:`Available`,PLANNED_FOR_DELETION:`Planned for deletion of media files`,DELETED:`Deleted`,MISSING:`Recordings missing`};function Re(e,t){return t>0&&(e===`DELETED`||e===`PLANNED_FOR_DELETION`)?`In part ${$[e].toLowerCase()}`:$[e]}var ze={placeholder:`_placeholder_yuuwv_1`};function Be({value:e,anonymized:t}){return e==null||e===``?null:t?(0,B.jsx)(`span`,{className:ze.placeholder,title:`Removed: a placeholder stands where personal data stood`,children:e}):(0,B.jsx)(B.Fragment,{children:e})}export{Le as a,Re as c,O as d,ae as f,D as g,ne as h,Ie as i,je as l,re as m,Pe as n,Fe as o,ie as p,$ as r,Ne as s,Be as t,Z as u};