import{A as e,An as t,At as n,Cr as r,Dt as i,E as a,En as o,Et as s,Ft as c,N as l,Ot as u,c as d,gr as f,j as p,jt as m,k as h,kt as g,l as ee,mt as _,p as v,s as y,u as b,vn as x}from"./viewer-DvUBA7sb.js";import{r as te}from"./IconDeviceDesktop-cpkp9-yz.js";import{r as S}from"./socket-DPGtKMik.js";import{i as C,n as w,r as T,t as E}from"./useApiMutation-LZksvGG2.js";import{i as D,t as O}from"./TextInput-LOfz73W8.js";import{t as ne}from"./Anchor-D97Yh9vO.js";import{f as re,m as ie}from"./labels-Dtwhskur.js";var k=t();function ae(e){return`group`in e}function A({data:e}){if(ae(e)){let t=e.items.map(e=>(0,k.jsx)(A,{data:e},e.value));return(0,k.jsx)(`optgroup`,{label:e.group,children:t})}let{value:t,label:n,...r}=e;return(0,k.jsx)(`option`,{value:e.value,...r,children:e.label})}A.displayName=`@mantine/core/NativeSelectOption`;var j={size:`sm`,rightSectionPointerEvents:`none`},M=x(e=>{let{data:t,children:n,size:r,error:i,rightSection:a,unstyled:s,...c}=o([`Input`,`InputWrapper`,`NativeSelect`],j,e),l=ie(t).map((e,t)=>(0,k.jsx)(A,{data:e},t));return(0,k.jsx)(D,{component:`select`,...c,__staticSelector:`NativeSelect`,size:r,pointer:!0,error:i,unstyled:s,rightSection:a||(0,k.jsx)(re,{size:r,error:i,unstyled:s}),children:n||l})});M.classes=D.classes,M.displayName=`@mantine/core/NativeSelect`;var N=p(`outline`,`check`,`Check`,[[`path`,{d:`M5 12l5 5l10 -10`,key:`svg-0`}]]),P=p(`outline`,`file-unknown`,`FileUnknown`,[[`path`,{d:`M14 3v4a1 1 0 0 0 1 1h4`,key:`svg-0`}],[`path`,{d:`M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2`,key:`svg-1`}],[`path`,{d:`M12 17v.01`,key:`svg-2`}],[`path`,{d:`M12 14a1.5 1.5 0 1 0 -1.14 -2.474`,key:`svg-3`}]]),F=p(`outline`,`mail`,`Mail`,[[`path`,{d:`M3 7a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2v-10`,key:`svg-0`}],[`path`,{d:`M3 7l9 6l9 -6`,key:`svg-1`}]]),I=p(`outline`,`message`,`Message`,[[`path`,{d:`M8 9h8`,key:`svg-0`}],[`path`,{d:`M8 13h6`,key:`svg-1`}],[`path`,{d:`M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1 -3 3h-5l-5 3v-3h-2a3 3 0 0 1 -3 -3v-8a3 3 0 0 1 3 -3h12`,key:`svg-2`}]]),L=p(`outline`,`phone`,`Phone`,[[`path`,{d:`M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2`,key:`svg-0`}]]),R=p(`outline`,`shield-check`,`ShieldCheck`,[[`path`,{d:`M11.46 20.846a12 12 0 0 1 -7.96 -14.846a12 12 0 0 0 8.5 -3a12 12 0 0 0 8.5 3a12 12 0 0 1 -.09 7.06`,key:`svg-0`}],[`path`,{d:`M15 19l2 2l4 -4`,key:`svg-1`}]]),z=r(f(),1),B=e=>v(e,`conversation`),V={CHAT_MESSAGE:[`chat message`,`chat messages`],EMAIL_BODY:[`e-mail body`,`e-mail bodies`],TRANSCRIPT:[`transcript`,`transcripts`],DIARIZED:[`transcript by speaker`,`transcripts by speaker`],SUMMARY:[`summary`,`summaries`],TRANSLATION:[`translation`,`translations`]};function H({phoneNumbers:e,digitalAddresses:t,subjects:n,messages:r}){return[e&&v(e,`phone number`),t&&v(t,`e-mail address, IP address or chat handle`,`e-mail addresses, IP addresses and chat handles`),n&&v(n,`subject or chat room name`,`subjects and chat room names`),...r.map(({kind:e,count:t})=>t&&v(t,...V[e]))].filter(e=>typeof e==`string`)}var U=({customData:e,otherData:t})=>[...e,...t].map(({key:e,count:t})=>({key:e,values:v(t,`value`)})),W={CALL:`call recording`,SCREEN:`screen recording`},G=({media:e})=>e.filter(({planned:e})=>e>0).map(({kind:e,planned:t})=>v(t,W[e]));function K({media:e}){return e.flatMap(({kind:e,protected:t,kept:n,alreadyPlanned:r,deleted:i,missing:a})=>[t&&`${v(t,W[e])}: protected, and ${t===1?`stays`:`stay`}`,n&&`${v(n,W[e])}: the switch for media files is off`,r&&`${v(r,W[e])}: planned for deletion already`,i&&`${v(i,W[e])}: deleted already`,a&&`${v(a,W[e])}: missing, and deleted should an import bring ${a===1?`it`:`them`}`].filter(e=>typeof e==`string`))}var q={UNTOUCHED:``,ANONYMIZED:``,CONTENT_KEPT:`since the settings leave some of the content`,PROTECTED_MEDIA:`since a protected recording is left`};function J({reviewEndsCount:e,notReviewableCount:t,staysReviewable:n}){return[e&&`${B(e)} can no longer be reviewed`,...n.map(({reason:e,count:t})=>`${B(t)} ${t===1?`stays`:`stay`} reviewable, ${q[e]}`),t&&`${B(t)} could not be reviewed before either`].filter(e=>typeof e==`string`)}function oe({isUnchanged:e,isReviewableBefore:t,isReviewableAfter:n,effect:r}){if(e)return`nothing changes: it is anonymized already`;let i=r.media.reduce((e,t)=>e+t.protected,0);return[`${v(r.valueCount,`value`)} overwritten`,...G(r).map(e=>`${e} deleted`),...i?[`${v(i,`recording`)} protected`]:[],...t&&!n?[`no longer reviewable`]:[]].join(`, `)}function se({preview:{conversationCount:e,unchangedCount:t},busy:n,waiting:r,failed:i,onConfirm:a,onClose:o}){let[l,u]=(0,z.useState)(``),d=t===e,f=!d&&l.trim()===String(e),[p,m]=ce(r,i,a);return(0,k.jsx)(`form`,{onSubmit:e=>{e.preventDefault(),f&&!n&&p()},children:(0,k.jsxs)(s,{children:[!d&&(0,k.jsx)(le,{many:e,typed:l,onTyped:u,busy:n||m}),(0,k.jsxs)(c,{justify:`flex-end`,children:[(0,k.jsx)(g,{variant:`default`,onClick:o,disabled:n,children:d?`Close`:`Cancel`}),!d&&(0,k.jsxs)(g,{type:`submit`,color:`red`,disabled:!f,loading:n||m,children:[`Anonymize `,B(e)]})]})]})})}function ce(e,t,n){let[r,i]=(0,z.useState)(!1),a=(0,z.useEffectEvent)(async()=>t?void 0:n());return(0,z.useEffect)(()=>{r&&!e&&a().finally(()=>i(!1))},[r,e]),[()=>e?i(!0):void n(),r]}function le({many:e,typed:t,onTyped:n,busy:r}){return e===1?(0,k.jsx)(C,{label:`I know that this cannot be undone`,checked:t!==``,onChange:e=>n(e.currentTarget.checked?`1`:``),disabled:r}):(0,k.jsx)(O,{label:`Type ${e}, the number of conversations, to confirm`,value:t,onChange:e=>n(e.currentTarget.value),inputMode:`numeric`,autoComplete:`off`,disabled:r,w:`100%`,maw:`24rem`})}var Y={title:`_title_1jkxv_1`,facts:`_facts_1jkxv_6`,list:`_list_1jkxv_21`,each:`_each_1jkxv_31`,summary:`_summary_1jkxv_49`};function ue({rows:e}){let[t,n]=(0,z.useState)(!1);return e.length<2?null:(0,k.jsxs)(`details`,{open:t,onToggle:e=>n(e.currentTarget.open),children:[(0,k.jsx)(`summary`,{className:Y.summary,children:`Conversation by conversation`}),t&&(0,k.jsx)(`ul`,{className:Y.each,tabIndex:0,"aria-label":`Conversation by conversation`,children:e.map(e=>(0,k.jsxs)(`li`,{children:[(0,k.jsx)(w,{value:e.conversation.startedAt}),` `,(0,k.jsx)(`span`,{children:oe(e)})]},e.conversation.id))})]})}function de({preview:e}){let{effect:t,unchangedCount:n,conversationCount:r,settingsVersion:i}=e,a=U(t).map(({key:e,values:t})=>(0,k.jsxs)(k.Fragment,{children:[(0,k.jsx)(u,{children:e}),`: `,t]}));return(0,k.jsxs)(k.Fragment,{children:[n<r&&(0,k.jsx)(fe,{}),(0,k.jsxs)(`dl`,{className:Y.facts,children:[(0,k.jsx)(X,{term:`Overwritten`,lines:[...H(t),...a],none:`No stored value`}),(0,k.jsx)(X,{term:`Deleted`,lines:G(t),none:`No recording`}),(0,k.jsx)(X,{term:`Stays`,lines:K(t)}),(0,k.jsx)(X,{term:`Review`,lines:J(e)}),(0,k.jsx)(X,{term:`Unchanged`,lines:n?[pe(n,r)]:[]}),(0,k.jsx)(X,{term:`Settings`,lines:[`Version ${i} decides what is personal data`]})]}),(0,k.jsx)(ue,{rows:e.conversations})]})}function fe(){return(0,k.jsx)(m,{color:`red`,icon:(0,k.jsx)(e,{"aria-hidden":!0}),title:`This is for good`,children:(0,k.jsx)(n,{size:`sm`,children:`What is overwritten or deleted cannot be brought back by anybody.`})})}function pe(e,t){let n=`anonymized already in all that is switched on`;return e===t?t===1?`The conversation is ${n}`:`All conversations are ${n}`:`${B(e)}: ${n}`}function X({term:e,lines:t,none:n}){let r=t.length>0?t:n?[n]:[];return r.length===0?null:(0,k.jsxs)(k.Fragment,{children:[(0,k.jsx)(`dt`,{children:e}),(0,k.jsx)(`dd`,{children:(0,k.jsx)(`ul`,{className:Y.list,children:r.map((e,t)=>(0,k.jsx)(`li`,{children:e},t))})})]})}function Z({phase:e,changed:t,preview:n}){return e.at===`doing`?null:(0,k.jsxs)(k.Fragment,{children:[e.at===`unsure`&&(0,k.jsx)(he,{error:e.error,preview:n}),e.at===`asking`&&e.refused&&(0,k.jsx)(y,{error:e.refused}),e.at===`asking`&&t&&n&&(0,k.jsx)(me,{what:t,version:n.settingsVersion})]})}function me({what:e,version:t}){let r=e===`settings`;return(0,k.jsx)(m,{color:`yellow`,role:`alert`,title:r?`The settings were changed meanwhile`:`Something changed meanwhile`,children:(0,k.jsx)(n,{size:`sm`,children:r?`Version ${t} of the compliance settings is in force now. Nothing was anonymized from here; below is what would happen under it.`:`Somebody changed what you are about to anonymize. Below is what would happen now.`})})}function he({error:e,preview:t}){let r=e.kind===`offline`,i=r?`It may have been done, or not`:`The server answered with an error`,a=r?`It went wrong after your request was sent, and before its answer came.`:`A request is done as a whole or not at all; the server can fail before that, or after it.`;return(0,k.jsxs)(m,{color:`yellow`,role:`alert`,title:i,children:[(0,k.jsxs)(n,{size:`sm`,children:[b(e),` `,a,` `,t?ge(t):r?`What became of it shows as soon as the server answers again.`:``]}),(0,k.jsx)(ee,{error:e})]})}function ge({unchangedCount:e,conversationCount:t}){let n=t-e;return n===0?`By now ${t===1?`it is`:`all of them are`} anonymized: there is nothing left to do.`:e===0?`By now nothing has been anonymized. You can try again.`:`By now ${B(e)} of ${t} are anonymized, ${n} not. You can try again.`}function _e({preview:{problems:e},ids:t,onLeaveOut:n,onClose:r}){let i=e.filter(({code:e})=>e===`NOT_FOUND`),a=i.length===e.length&&i.length<t.length;return(0,k.jsxs)(k.Fragment,{children:[(0,k.jsx)(m,{color:`red`,role:`alert`,title:`This cannot be done as it is`,children:(0,k.jsx)(S,{size:`sm`,children:e.map((e,n)=>(0,k.jsx)(S.Item,{children:ve(e,t.length)},n))})}),(0,k.jsxs)(c,{justify:`flex-end`,children:[(0,k.jsx)(g,{variant:`default`,onClick:r,children:`Cancel`}),a&&(0,k.jsxs)(g,{onClick:()=>n(i),children:[`Leave out `,B(i.length)]})]})]})}function ve({code:e,message:t,field:r},i){if(e===`NOTHING_SELECTED`)return(0,k.jsx)(ye,{});if(e!==`NOT_FOUND`)return(0,k.jsx)(n,{size:`sm`,children:t});let a=i===1?`The conversation`:`Conversation ${Number(r?.at(-1))+1} of ${i}`;return(0,k.jsxs)(n,{size:`sm`,children:[a,` does not exist any more, or you may not see it.`]})}function ye(){return(0,k.jsxs)(n,{size:`sm`,children:[`The compliance settings select nothing, so nothing would be removed. Choose what counts as personal data on the`,` `,(0,k.jsx)(ne,{component:_,to:`/compliance`,c:`inherit`,underline:`always`,children:`Compliance page`}),` `,`and save it there first.`]})}function be(e){let{query:t,preview:n,phase:r,onClose:i}=e;if(n)return(0,k.jsx)(xe,{...e,preview:n});let a=r.at===`unsure`,o=t.error?.kind===`forbidden`||t.error?.kind===`invalid`?void 0:t.refetch;return(0,k.jsxs)(s,{children:[a&&(0,k.jsx)(Z,{...e,preview:void 0}),t.error?(0,k.jsx)(y,{error:t.error,retry:o}):(0,k.jsx)(d,{label:a?`Finding out what became of it`:`Finding out what would happen`}),(0,k.jsx)(c,{justify:`flex-end`,children:(0,k.jsx)(g,{variant:`default`,onClick:i,children:a?`Close`:`Cancel`})})]})}function xe({preview:e,...t}){let{ids:n,phase:r,leaveOut:i,query:a,onConfirm:o,onClose:c}=t;return(0,k.jsxs)(s,{children:[(0,k.jsx)(Z,{...t,preview:e}),a.error&&(0,k.jsx)(y,{error:a.error,retry:a.refetch}),e.problems.length>0?(0,k.jsx)(_e,{preview:e,ids:n,onLeaveOut:i,onClose:c}):(0,k.jsxs)(k.Fragment,{children:[(0,k.jsx)(de,{preview:e}),(0,k.jsx)(se,{preview:e,busy:r.at===`doing`,waiting:a.fetching&&r.at!==`doing`,failed:a.error!==void 0,onConfirm:o,onClose:c},JSON.stringify(e))]})]})}function Se({result:e,onClose:t}){let n=(0,z.useRef)(null);return(0,z.useEffect)(()=>n.current?.focus(),[]),(0,k.jsxs)(s,{children:[e.done>0&&(0,k.jsx)(Ce,{...e}),e.unchanged>0&&(0,k.jsx)(we,{...e}),e.failures.length>0&&(0,k.jsx)(Te,{...e}),(0,k.jsx)(c,{justify:`flex-end`,children:(0,k.jsx)(g,{ref:n,onClick:t,children:`Close`})})]})}function Ce({done:e,planned:t,notReviewable:r,settingsVersion:i}){return(0,k.jsx)(m,{color:`green`,role:`status`,icon:(0,k.jsx)(N,{"aria-hidden":!0}),title:`${B(e)} anonymized`,children:(0,k.jsxs)(n,{size:`sm`,children:[`Under version `,i,` of the compliance settings. The old values are gone, from this page too.`,t>0&&` Recordings of ${B(t)} are planned for deletion; the Delete tool removes them.`,r>0&&` ${B(r)} can no longer be reviewed.`]})})}function we({unchanged:e}){return(0,k.jsxs)(n,{size:`sm`,children:[B(e),` `,e===1?`was`:`were`,` anonymized already; nothing changed there.`]})}function Te({done:e,failures:t}){let n=e===0?`Nothing was anonymized`:`${B(t.length)} could not be anonymized`;return(0,k.jsx)(m,{color:`red`,role:`alert`,title:n,children:(0,k.jsx)(S,{size:`sm`,children:t.map(e=>(0,k.jsxs)(S.Item,{children:[(0,k.jsx)(Ee,{...e}),`: `,e.message]},e.id))})})}function Ee({id:e,known:t}){return t?(0,k.jsxs)(k.Fragment,{children:[`The conversation of `,(0,k.jsx)(w,{value:t.startedAt})]}):(0,k.jsxs)(k.Fragment,{children:[`Conversation `,e]})}h(`
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
`);var De=h(`
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
`),Oe=h(`
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
`),ke=h(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`),Ae=h(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function je({conversations:e,settingsVersion:t,userErrors:n},r,i){let a=new Map(i.conversations.map(e=>[e.conversation.id,e])),o=(e??[]).map(e=>({now:e,before:a.get(e.id)})),s=o.filter(e=>!e.before?.isUnchanged);return{done:s.length,unchanged:o.length-s.length,planned:s.filter(e=>Me(e.before)&&e.now.mediaStatus!==`AVAILABLE`).length,notReviewable:s.filter(e=>!e.now.isReviewable&&e.before?.isReviewableBefore!==!1).length,settingsVersion:t??null,failures:n.map(({message:e,field:t})=>{let n=r[Number(t?.at(-1))]??``;return{id:n,known:a.get(n)?.conversation,message:e}})}}var Me=e=>e?.effect.media.some(({planned:e})=>e>0)??!1,Ne=150;function Q(e){let[t,n]=(0,z.useState)(!1),r=(0,z.useEffectEvent)(()=>{n(!1),e()});return(0,z.useEffect)(()=>{if(!t)return;let e=setTimeout(()=>r(),Ne);return()=>clearTimeout(e)},[t]),(0,z.useCallback)(()=>n(!0),[])}function Pe(e,t){let n=a(De,{variables:{ids:e},pause:t||e.length===0}),[r,i]=(0,z.useState)(),o=n.data?.anonymizationPreview,s=r?.ids===e?r:void 0;o&&!t&&o!==s?.last&&!n.fetching&&i({ids:e,first:s?.first??o,last:o});let c=Q(n.refetch),l={next:c,gap:c};return T(ke,{ids:e},l,t||e.length===0),T(Ae,{},l,t),{query:n,preview:s?.last,changed:s&&$(s.first,s.last)}}function $(e,t){return e.settingsVersion===t.settingsVersion?JSON.stringify(e)===JSON.stringify(t)?void 0:`conversations`:`settings`}function Fe(e,t){let[n,r]=(0,z.useState)(e),[i,a]=(0,z.useState)({at:`asking`}),{query:o,preview:s,changed:c}=Pe(n,i.at===`doing`||i.at===`done`),[u]=E(Oe),d=l(),f=(0,z.useContext)(te),p=(0,z.useRef)(!1);return{phase:i,ids:n,preview:i.at===`unsure`&&!o.data?void 0:s,changed:c,query:o,anonymize:async()=>{if(p.current||!s)return;p.current=!0,a({at:`doing`});let{data:e,error:r}=await u({ids:n,settingsVersion:s.settingsVersion}),i=Le(e?.anonymizeConversations,r,n,s);p.current=!1,a(i),i.at===`asking`&&i.refused||d(),i.at===`done`&&(f.drop(),t())},leaveOut:e=>r(n.filter((t,n)=>!e.some(({field:e})=>e?.at(-1)===String(n))))}}var Ie=[`forbidden`,`limited`];function Le(e,t,n,r){return t&&!Ie.includes(t.kind)?{at:`unsure`,error:t}:t||!e?{at:`asking`,refused:t}:e.userErrors.some(({code:e})=>e!==`NOT_FOUND`)?{at:`asking`}:{at:`done`,result:je(e,n,r)}}function Re({ids:e,opened:t,onClose:n,onDone:r}){let[a,o]=(0,z.useState)({at:`asking`}),s=a.at===`doing`,c=t||s,l=e.length===1?`Anonymize this conversation?`:`Anonymize ${B(e.length)}?`,[u,d]=(0,z.useState)(l);return!c&&u!==l&&d(l),(0,k.jsx)(i,{opened:c,onClose:()=>!s&&n(),title:a.at===`done`?ze(a.result):u,size:`lg`,closeButtonProps:{"aria-label":`Close`,disabled:s},classNames:{title:Y.title},children:(0,k.jsx)(Be,{ids:e,opened:t,onClose:n,onDone:r,onPhase:o})})}var ze=({done:e})=>e===0?`Nothing was anonymized`:`Anonymized ${B(e)}`;function Be({ids:e,opened:t,onClose:n,onDone:r,onPhase:i}){let a=Fe(e,()=>r?.()),{phase:o,anonymize:s}=a;if((0,z.useEffect)(()=>i(o),[i,o]),o.at===`done`)return(0,k.jsx)(Se,{result:o.result,onClose:n});let c=async()=>t?s():void 0;return(0,k.jsx)(be,{...a,onConfirm:c,onClose:n})}var Ve={placeholder:`_placeholder_yuuwv_1`};function He({value:e,anonymized:t}){return e==null||e===``?null:t?(0,k.jsx)(`span`,{className:Ve.placeholder,title:`Removed: a placeholder stands where personal data stood`,children:e}):(0,k.jsx)(k.Fragment,{children:e})}export{L as a,P as c,R as i,N as l,Re as n,I as o,Q as r,F as s,He as t,M as u};