import{D as e,Dt as t,Et as n,Nt as r,O as i,On as a,Ot as o,Tt as s,c,f as l,ft as u,gn as d,j as f,k as p,kt as m,l as h,mr as ee,s as g,u as _,w as v,wn as te,wt as y,xr as b}from"./viewer-CxUeu7-u.js";import{r as x}from"./IconDeviceDesktop-CkifMBLc.js";import{r as S}from"./socket-nSE6Wago.js";import{i as C,n as w,r as T,t as E}from"./useApiMutation-DBZZRYL1.js";import{i as D,t as ne}from"./TextInput-7RWzAhf-.js";import{t as re}from"./Anchor-Cuo1Uizu.js";import{d as ie,p as ae}from"./labels-CWtacXYS.js";var O=a();function k(e){return`group`in e}function A({data:e}){if(k(e)){let t=e.items.map(e=>(0,O.jsx)(A,{data:e},e.value));return(0,O.jsx)(`optgroup`,{label:e.group,children:t})}let{value:t,label:n,...r}=e;return(0,O.jsx)(`option`,{value:e.value,...r,children:e.label})}A.displayName=`@mantine/core/NativeSelectOption`;var j={size:`sm`,rightSectionPointerEvents:`none`},M=d(e=>{let{data:t,children:n,size:r,error:i,rightSection:a,unstyled:o,...s}=te([`Input`,`InputWrapper`,`NativeSelect`],j,e),c=ae(t).map((e,t)=>(0,O.jsx)(A,{data:e},t));return(0,O.jsx)(D,{component:`select`,...s,__staticSelector:`NativeSelect`,size:r,pointer:!0,error:i,unstyled:o,rightSection:a||(0,O.jsx)(ie,{size:r,error:i,unstyled:o}),children:n||c})});M.classes=D.classes,M.displayName=`@mantine/core/NativeSelect`;var N=p(`outline`,`check`,`Check`,[[`path`,{d:`M5 12l5 5l10 -10`,key:`svg-0`}]]),P=p(`outline`,`file-unknown`,`FileUnknown`,[[`path`,{d:`M14 3v4a1 1 0 0 0 1 1h4`,key:`svg-0`}],[`path`,{d:`M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2`,key:`svg-1`}],[`path`,{d:`M12 17v.01`,key:`svg-2`}],[`path`,{d:`M12 14a1.5 1.5 0 1 0 -1.14 -2.474`,key:`svg-3`}]]),F=p(`outline`,`mail`,`Mail`,[[`path`,{d:`M3 7a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2v-10`,key:`svg-0`}],[`path`,{d:`M3 7l9 6l9 -6`,key:`svg-1`}]]),I=p(`outline`,`message`,`Message`,[[`path`,{d:`M8 9h8`,key:`svg-0`}],[`path`,{d:`M8 13h6`,key:`svg-1`}],[`path`,{d:`M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1 -3 3h-5l-5 3v-3h-2a3 3 0 0 1 -3 -3v-8a3 3 0 0 1 3 -3h12`,key:`svg-2`}]]),L=p(`outline`,`phone`,`Phone`,[[`path`,{d:`M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2`,key:`svg-0`}]]),R=p(`outline`,`shield-check`,`ShieldCheck`,[[`path`,{d:`M11.46 20.846a12 12 0 0 1 -7.96 -14.846a12 12 0 0 0 8.5 -3a12 12 0 0 0 8.5 3a12 12 0 0 1 -.09 7.06`,key:`svg-0`}],[`path`,{d:`M15 19l2 2l4 -4`,key:`svg-1`}]]),z=b(ee(),1),B=e=>l(e,`conversation`),V={CHAT_MESSAGE:[`chat message`,`chat messages`],EMAIL_BODY:[`e-mail body`,`e-mail bodies`],TRANSCRIPT:[`transcript`,`transcripts`],DIARIZED:[`transcript by speaker`,`transcripts by speaker`],SUMMARY:[`summary`,`summaries`],TRANSLATION:[`translation`,`translations`]};function H({phoneNumbers:e,digitalAddresses:t,subjects:n,messages:r}){return[e&&l(e,`phone number`),t&&l(t,`e-mail address, IP address or chat handle`,`e-mail addresses, IP addresses and chat handles`),n&&l(n,`subject or chat room name`,`subjects and chat room names`),...r.map(({kind:e,count:t})=>t&&l(t,...V[e]))].filter(e=>typeof e==`string`)}var U=({customData:e,otherData:t})=>[...e,...t].map(({key:e,count:t})=>({key:e,values:l(t,`value`)})),W={CALL:`call recording`,SCREEN:`screen recording`},G=({media:e})=>e.filter(({planned:e})=>e>0).map(({kind:e,planned:t})=>l(t,W[e]));function K({media:e}){return e.flatMap(({kind:e,protected:t,kept:n,alreadyPlanned:r,deleted:i,missing:a})=>[t&&`${l(t,W[e])}: protected, and ${t===1?`stays`:`stay`}`,n&&`${l(n,W[e])}: the switch for media files is off`,r&&`${l(r,W[e])}: planned for deletion already`,i&&`${l(i,W[e])}: deleted already`,a&&`${l(a,W[e])}: missing, and deleted should an import bring ${a===1?`it`:`them`}`].filter(e=>typeof e==`string`))}var q={UNTOUCHED:``,ANONYMIZED:``,CONTENT_KEPT:`since the settings leave some of the content`,PROTECTED_MEDIA:`since a protected recording is left`};function J({reviewEndsCount:e,notReviewableCount:t,staysReviewable:n}){return[e&&`${B(e)} can no longer be reviewed`,...n.map(({reason:e,count:t})=>`${B(t)} ${t===1?`stays`:`stay`} reviewable, ${q[e]}`),t&&`${B(t)} could not be reviewed before either`].filter(e=>typeof e==`string`)}function oe({isUnchanged:e,isReviewableBefore:t,isReviewableAfter:n,effect:r}){if(e)return`nothing changes: it is anonymized already`;let i=r.media.reduce((e,t)=>e+t.protected,0);return[`${l(r.valueCount,`value`)} overwritten`,...G(r).map(e=>`${e} deleted`),...i?[`${l(i,`recording`)} protected`]:[],...t&&!n?[`no longer reviewable`]:[]].join(`, `)}function se({preview:{conversationCount:e,unchangedCount:n},busy:i,waiting:a,failed:o,onConfirm:s,onClose:c}){let[l,u]=(0,z.useState)(``),d=n===e,f=!d&&l.trim()===String(e),[p,m]=ce(a,o,s);return(0,O.jsx)(`form`,{onSubmit:e=>{e.preventDefault(),f&&!i&&p()},children:(0,O.jsxs)(y,{children:[!d&&(0,O.jsx)(le,{many:e,typed:l,onTyped:u,busy:i||m}),(0,O.jsxs)(r,{justify:`flex-end`,children:[(0,O.jsx)(t,{variant:`default`,onClick:c,disabled:i,children:d?`Close`:`Cancel`}),!d&&(0,O.jsxs)(t,{type:`submit`,color:`red`,disabled:!f,loading:i||m,children:[`Anonymize `,B(e)]})]})]})})}function ce(e,t,n){let[r,i]=(0,z.useState)(!1),a=(0,z.useEffectEvent)(async()=>t?void 0:n());return(0,z.useEffect)(()=>{r&&!e&&a().finally(()=>i(!1))},[r,e]),[()=>e?i(!0):void n(),r]}function le({many:e,typed:t,onTyped:n,busy:r}){return e===1?(0,O.jsx)(C,{label:`I know that this cannot be undone`,checked:t!==``,onChange:e=>n(e.currentTarget.checked?`1`:``),disabled:r}):(0,O.jsx)(ne,{label:`Type ${e}, the number of conversations, to confirm`,value:t,onChange:e=>n(e.currentTarget.value),inputMode:`numeric`,autoComplete:`off`,disabled:r,w:`100%`,maw:`24rem`})}var Y={title:`_title_1jkxv_1`,facts:`_facts_1jkxv_6`,list:`_list_1jkxv_21`,each:`_each_1jkxv_31`,summary:`_summary_1jkxv_49`};function ue({rows:e}){let[t,n]=(0,z.useState)(!1);return e.length<2?null:(0,O.jsxs)(`details`,{open:t,onToggle:e=>n(e.currentTarget.open),children:[(0,O.jsx)(`summary`,{className:Y.summary,children:`Conversation by conversation`}),t&&(0,O.jsx)(`ul`,{className:Y.each,tabIndex:0,"aria-label":`Conversation by conversation`,children:e.map(e=>(0,O.jsxs)(`li`,{children:[(0,O.jsx)(w,{value:e.conversation.startedAt}),` `,(0,O.jsx)(`span`,{children:oe(e)})]},e.conversation.id))})]})}function de({preview:e}){let{effect:t,unchangedCount:r,conversationCount:i,settingsVersion:a}=e,o=U(t).map(({key:e,values:t})=>(0,O.jsxs)(O.Fragment,{children:[(0,O.jsx)(n,{children:e}),`: `,t]}));return(0,O.jsxs)(O.Fragment,{children:[r<i&&(0,O.jsx)(fe,{}),(0,O.jsxs)(`dl`,{className:Y.facts,children:[(0,O.jsx)(X,{term:`Overwritten`,lines:[...H(t),...o],none:`No stored value`}),(0,O.jsx)(X,{term:`Deleted`,lines:G(t),none:`No recording`}),(0,O.jsx)(X,{term:`Stays`,lines:K(t)}),(0,O.jsx)(X,{term:`Review`,lines:J(e)}),(0,O.jsx)(X,{term:`Unchanged`,lines:r?[pe(r,i)]:[]}),(0,O.jsx)(X,{term:`Settings`,lines:[`Version ${a} decides what is personal data`]})]}),(0,O.jsx)(ue,{rows:e.conversations})]})}function fe(){return(0,O.jsx)(m,{color:`red`,icon:(0,O.jsx)(i,{"aria-hidden":!0}),title:`This is for good`,children:(0,O.jsx)(o,{size:`sm`,children:`What is overwritten or deleted cannot be brought back by anybody.`})})}function pe(e,t){let n=`anonymized already in all that is switched on`;return e===t?t===1?`The conversation is ${n}`:`All conversations are ${n}`:`${B(e)}: ${n}`}function X({term:e,lines:t,none:n}){let r=t.length>0?t:n?[n]:[];return r.length===0?null:(0,O.jsxs)(O.Fragment,{children:[(0,O.jsx)(`dt`,{children:e}),(0,O.jsx)(`dd`,{children:(0,O.jsx)(`ul`,{className:Y.list,children:r.map((e,t)=>(0,O.jsx)(`li`,{children:e},t))})})]})}function Z({phase:e,changed:t,preview:n}){return e.at===`doing`?null:(0,O.jsxs)(O.Fragment,{children:[e.at===`unsure`&&(0,O.jsx)(he,{error:e.error,preview:n}),e.at===`asking`&&e.refused&&(0,O.jsx)(g,{error:e.refused}),e.at===`asking`&&t&&n&&(0,O.jsx)(me,{what:t,version:n.settingsVersion})]})}function me({what:e,version:t}){let n=e===`settings`;return(0,O.jsx)(m,{color:`yellow`,role:`alert`,title:n?`The settings were changed meanwhile`:`Something changed meanwhile`,children:(0,O.jsx)(o,{size:`sm`,children:n?`Version ${t} of the compliance settings is in force now. Nothing was anonymized from here; below is what would happen under it.`:`Somebody changed what you are about to anonymize. Below is what would happen now.`})})}function he({error:e,preview:t}){let n=e.kind===`offline`,r=n?`It may have been done, or not`:`The server answered with an error`,i=n?`It went wrong after your request was sent, and before its answer came.`:`A request is done as a whole or not at all; the server can fail before that, or after it.`;return(0,O.jsxs)(m,{color:`yellow`,role:`alert`,title:r,children:[(0,O.jsxs)(o,{size:`sm`,children:[_(e),` `,i,` `,t?ge(t):n?`What became of it shows as soon as the server answers again.`:``]}),(0,O.jsx)(h,{error:e})]})}function ge({unchangedCount:e,conversationCount:t}){let n=t-e;return n===0?`By now ${t===1?`it is`:`all of them are`} anonymized: there is nothing left to do.`:e===0?`By now nothing has been anonymized. You can try again.`:`By now ${B(e)} of ${t} are anonymized, ${n} not. You can try again.`}function _e({preview:{problems:e},ids:n,onLeaveOut:i,onClose:a}){let o=e.filter(({code:e})=>e===`NOT_FOUND`),s=o.length===e.length&&o.length<n.length;return(0,O.jsxs)(O.Fragment,{children:[(0,O.jsx)(m,{color:`red`,role:`alert`,title:`This cannot be done as it is`,children:(0,O.jsx)(S,{size:`sm`,children:e.map((e,t)=>(0,O.jsx)(S.Item,{children:ve(e,n.length)},t))})}),(0,O.jsxs)(r,{justify:`flex-end`,children:[(0,O.jsx)(t,{variant:`default`,onClick:a,children:`Cancel`}),s&&(0,O.jsxs)(t,{onClick:()=>i(o),children:[`Leave out `,B(o.length)]})]})]})}function ve({code:e,message:t,field:n},r){if(e===`NOTHING_SELECTED`)return(0,O.jsx)(ye,{});if(e!==`NOT_FOUND`)return(0,O.jsx)(o,{size:`sm`,children:t});let i=r===1?`The conversation`:`Conversation ${Number(n?.at(-1))+1} of ${r}`;return(0,O.jsxs)(o,{size:`sm`,children:[i,` does not exist any more, or you may not see it.`]})}function ye(){return(0,O.jsxs)(o,{size:`sm`,children:[`The compliance settings select nothing, so nothing would be removed. Choose what counts as personal data on the`,` `,(0,O.jsx)(re,{component:u,to:`/compliance`,c:`inherit`,underline:`always`,children:`Compliance page`}),` `,`and save it there first.`]})}function be(e){let{query:n,preview:i,phase:a,onClose:o}=e;if(i)return(0,O.jsx)(xe,{...e,preview:i});let s=a.at===`unsure`,l=n.error?.kind===`forbidden`||n.error?.kind===`invalid`?void 0:n.refetch;return(0,O.jsxs)(y,{children:[s&&(0,O.jsx)(Z,{...e,preview:void 0}),n.error?(0,O.jsx)(g,{error:n.error,retry:l}):(0,O.jsx)(c,{label:s?`Finding out what became of it`:`Finding out what would happen`}),(0,O.jsx)(r,{justify:`flex-end`,children:(0,O.jsx)(t,{variant:`default`,onClick:o,children:s?`Close`:`Cancel`})})]})}function xe({preview:e,...t}){let{ids:n,phase:r,leaveOut:i,query:a,onConfirm:o,onClose:s}=t;return(0,O.jsxs)(y,{children:[(0,O.jsx)(Z,{...t,preview:e}),a.error&&(0,O.jsx)(g,{error:a.error,retry:a.refetch}),e.problems.length>0?(0,O.jsx)(_e,{preview:e,ids:n,onLeaveOut:i,onClose:s}):(0,O.jsxs)(O.Fragment,{children:[(0,O.jsx)(de,{preview:e}),(0,O.jsx)(se,{preview:e,busy:r.at===`doing`,waiting:a.fetching&&r.at!==`doing`,failed:a.error!==void 0,onConfirm:o,onClose:s},JSON.stringify(e))]})]})}function Se({result:e,onClose:n}){let i=(0,z.useRef)(null);return(0,z.useEffect)(()=>i.current?.focus(),[]),(0,O.jsxs)(y,{children:[e.done>0&&(0,O.jsx)(Ce,{...e}),e.unchanged>0&&(0,O.jsx)(we,{...e}),e.failures.length>0&&(0,O.jsx)(Te,{...e}),(0,O.jsx)(r,{justify:`flex-end`,children:(0,O.jsx)(t,{ref:i,onClick:n,children:`Close`})})]})}function Ce({done:e,planned:t,notReviewable:n,settingsVersion:r}){return(0,O.jsx)(m,{color:`green`,role:`status`,icon:(0,O.jsx)(N,{"aria-hidden":!0}),title:`${B(e)} anonymized`,children:(0,O.jsxs)(o,{size:`sm`,children:[`Under version `,r,` of the compliance settings. The old values are gone, from this page too.`,t>0&&` Recordings of ${B(t)} are planned for deletion; the Delete tool removes them.`,n>0&&` ${B(n)} can no longer be reviewed.`]})})}function we({unchanged:e}){return(0,O.jsxs)(o,{size:`sm`,children:[B(e),` `,e===1?`was`:`were`,` anonymized already; nothing changed there.`]})}function Te({done:e,failures:t}){let n=e===0?`Nothing was anonymized`:`${B(t.length)} could not be anonymized`;return(0,O.jsx)(m,{color:`red`,role:`alert`,title:n,children:(0,O.jsx)(S,{size:`sm`,children:t.map(e=>(0,O.jsxs)(S.Item,{children:[(0,O.jsx)(Ee,{...e}),`: `,e.message]},e.id))})})}function Ee({id:e,known:t}){return t?(0,O.jsxs)(O.Fragment,{children:[`The conversation of `,(0,O.jsx)(w,{value:t.startedAt})]}):(0,O.jsxs)(O.Fragment,{children:[`Conversation `,e]})}e(`
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
`);var De=e(`
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
`),Oe=e(`
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
`),ke=e(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`),Ae=e(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function je({conversations:e,settingsVersion:t,userErrors:n},r,i){let a=new Map(i.conversations.map(e=>[e.conversation.id,e])),o=(e??[]).map(e=>({now:e,before:a.get(e.id)})),s=o.filter(e=>!e.before?.isUnchanged);return{done:s.length,unchanged:o.length-s.length,planned:s.filter(e=>Me(e.before)&&e.now.mediaStatus!==`AVAILABLE`).length,notReviewable:s.filter(e=>!e.now.isReviewable&&e.before?.isReviewableBefore!==!1).length,settingsVersion:t??null,failures:n.map(({message:e,field:t})=>{let n=r[Number(t?.at(-1))]??``;return{id:n,known:a.get(n)?.conversation,message:e}})}}var Me=e=>e?.effect.media.some(({planned:e})=>e>0)??!1,Ne=150;function Q(e){let[t,n]=(0,z.useState)(!1),r=(0,z.useEffectEvent)(()=>{n(!1),e()});return(0,z.useEffect)(()=>{if(!t)return;let e=setTimeout(()=>r(),Ne);return()=>clearTimeout(e)},[t]),(0,z.useCallback)(()=>n(!0),[])}function Pe(e,t){let n=v(De,{variables:{ids:e},pause:t||e.length===0}),[r,i]=(0,z.useState)(),a=n.data?.anonymizationPreview,o=r?.ids===e?r:void 0;a&&!t&&a!==o?.last&&!n.fetching&&i({ids:e,first:o?.first??a,last:a});let s=Q(n.refetch),c={next:s,gap:s};return T(ke,{ids:e},c,t||e.length===0),T(Ae,{},c,t),{query:n,preview:o?.last,changed:o&&$(o.first,o.last)}}function $(e,t){return e.settingsVersion===t.settingsVersion?JSON.stringify(e)===JSON.stringify(t)?void 0:`conversations`:`settings`}function Fe(e,t){let[n,r]=(0,z.useState)(e),[i,a]=(0,z.useState)({at:`asking`}),{query:o,preview:s,changed:c}=Pe(n,i.at===`doing`||i.at===`done`),[l]=E(Oe),u=f(),d=(0,z.useContext)(x),p=(0,z.useRef)(!1);return{phase:i,ids:n,preview:i.at===`unsure`&&!o.data?void 0:s,changed:c,query:o,anonymize:async()=>{if(p.current||!s)return;p.current=!0,a({at:`doing`});let{data:e,error:r}=await l({ids:n,settingsVersion:s.settingsVersion}),i=Le(e?.anonymizeConversations,r,n,s);p.current=!1,a(i),i.at===`asking`&&i.refused||u(),i.at===`done`&&(d.drop(),t())},leaveOut:e=>r(n.filter((t,n)=>!e.some(({field:e})=>e?.at(-1)===String(n))))}}var Ie=[`forbidden`,`limited`];function Le(e,t,n,r){return t&&!Ie.includes(t.kind)?{at:`unsure`,error:t}:t||!e?{at:`asking`,refused:t}:e.userErrors.some(({code:e})=>e!==`NOT_FOUND`)?{at:`asking`}:{at:`done`,result:je(e,n,r)}}function Re({ids:e,opened:t,onClose:n,onDone:r}){let[i,a]=(0,z.useState)({at:`asking`}),o=i.at===`doing`,c=t||o,l=e.length===1?`Anonymize this conversation?`:`Anonymize ${B(e.length)}?`,[u,d]=(0,z.useState)(l);return!c&&u!==l&&d(l),(0,O.jsx)(s,{opened:c,onClose:()=>!o&&n(),title:i.at===`done`?ze(i.result):u,size:`lg`,closeButtonProps:{"aria-label":`Close`,disabled:o},classNames:{title:Y.title},children:(0,O.jsx)(Be,{ids:e,opened:t,onClose:n,onDone:r,onPhase:a})})}var ze=({done:e})=>e===0?`Nothing was anonymized`:`Anonymized ${B(e)}`;function Be({ids:e,opened:t,onClose:n,onDone:r,onPhase:i}){let a=Fe(e,()=>r?.()),{phase:o,anonymize:s}=a;if((0,z.useEffect)(()=>i(o),[i,o]),o.at===`done`)return(0,O.jsx)(Se,{result:o.result,onClose:n});let c=async()=>t?s():void 0;return(0,O.jsx)(be,{...a,onConfirm:c,onClose:n})}var Ve={placeholder:`_placeholder_yuuwv_1`};function He({value:e,anonymized:t}){return e==null||e===``?null:t?(0,O.jsx)(`span`,{className:Ve.placeholder,title:`Removed: a placeholder stands where personal data stood`,children:e}):(0,O.jsx)(O.Fragment,{children:e})}export{L as a,P as c,R as i,N as l,Re as n,I as o,Q as r,F as s,He as t,M as u};