import{A as e,At as t,C as n,D as r,Dn as i,Dt as a,It as o,M as s,Mt as c,Ot as l,P as u,_r as d,c as f,ht as p,j as m,jn as h,jt as g,kt as _,l as v,p as y,s as b,u as x,wr as S,yn as ee}from"./viewer-CVFVzME5.js";import{r as C}from"./IconDeviceDesktop-CT9J13fb.js";import{r as w}from"./socket-C8mchYww.js";import{i as T,n as E,r as D,t as O}from"./useApiMutation-DF8zWJnS.js";import{i as k,t as te}from"./TextInput-CayuF4Os.js";import{t as ne}from"./Anchor-Cq77Wj1T.js";import{f as re,m as ie}from"./labels-z0FISQ26.js";var A=h();function ae(e){return`group`in e}function j({data:e}){if(ae(e)){let t=e.items.map(e=>(0,A.jsx)(j,{data:e},e.value));return(0,A.jsx)(`optgroup`,{label:e.group,children:t})}let{value:t,label:n,...r}=e;return(0,A.jsx)(`option`,{value:e.value,...r,children:e.label})}j.displayName=`@mantine/core/NativeSelectOption`;var M={size:`sm`,rightSectionPointerEvents:`none`},N=ee(e=>{let{data:t,children:n,size:r,error:a,rightSection:o,unstyled:s,...c}=i([`Input`,`InputWrapper`,`NativeSelect`],M,e),l=ie(t).map((e,t)=>(0,A.jsx)(j,{data:e},t));return(0,A.jsx)(k,{component:`select`,...c,__staticSelector:`NativeSelect`,size:r,pointer:!0,error:a,unstyled:s,rightSection:o||(0,A.jsx)(re,{size:r,error:a,unstyled:s}),children:n||l})});N.classes=k.classes,N.displayName=`@mantine/core/NativeSelect`;var P=s(`outline`,`check`,`Check`,[[`path`,{d:`M5 12l5 5l10 -10`,key:`svg-0`}]]),F=s(`outline`,`file-unknown`,`FileUnknown`,[[`path`,{d:`M14 3v4a1 1 0 0 0 1 1h4`,key:`svg-0`}],[`path`,{d:`M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2`,key:`svg-1`}],[`path`,{d:`M12 17v.01`,key:`svg-2`}],[`path`,{d:`M12 14a1.5 1.5 0 1 0 -1.14 -2.474`,key:`svg-3`}]]),I=s(`outline`,`mail`,`Mail`,[[`path`,{d:`M3 7a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2v-10`,key:`svg-0`}],[`path`,{d:`M3 7l9 6l9 -6`,key:`svg-1`}]]),L=s(`outline`,`message`,`Message`,[[`path`,{d:`M8 9h8`,key:`svg-0`}],[`path`,{d:`M8 13h6`,key:`svg-1`}],[`path`,{d:`M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1 -3 3h-5l-5 3v-3h-2a3 3 0 0 1 -3 -3v-8a3 3 0 0 1 3 -3h12`,key:`svg-2`}]]),R=s(`outline`,`phone`,`Phone`,[[`path`,{d:`M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5l1.5 -2.5l5 2v4a2 2 0 0 1 -2 2a16 16 0 0 1 -15 -15a2 2 0 0 1 2 -2`,key:`svg-0`}]]),z=s(`outline`,`shield-check`,`ShieldCheck`,[[`path`,{d:`M11.46 20.846a12 12 0 0 1 -7.96 -14.846a12 12 0 0 0 8.5 -3a12 12 0 0 0 8.5 3a12 12 0 0 1 -.09 7.06`,key:`svg-0`}],[`path`,{d:`M15 19l2 2l4 -4`,key:`svg-1`}]]),B=S(d(),1),V=e=>y(e,`conversation`),H={CHAT_MESSAGE:[`chat message`,`chat messages`],EMAIL_BODY:[`e-mail body`,`e-mail bodies`],TRANSCRIPT:[`transcript`,`transcripts`],DIARIZED:[`transcript by speaker`,`transcripts by speaker`],SUMMARY:[`summary`,`summaries`],TRANSLATION:[`translation`,`translations`]};function U({phoneNumbers:e,digitalAddresses:t,subjects:n,messages:r}){return[e&&y(e,`phone number`),t&&y(t,`e-mail address, IP address or chat handle`,`e-mail addresses, IP addresses and chat handles`),n&&y(n,`subject or chat room name`,`subjects and chat room names`),...r.map(({kind:e,count:t})=>t&&y(t,...H[e]))].filter(e=>typeof e==`string`)}var W=({customData:e,otherData:t})=>[...e,...t].map(({key:e,count:t})=>({key:e,values:y(t,`value`)})),G={CALL:`call recording`,SCREEN:`screen recording`},K=({media:e})=>e.filter(({planned:e})=>e>0).map(({kind:e,planned:t})=>y(t,G[e]));function q({media:e}){return e.flatMap(({kind:e,protected:t,kept:n,alreadyPlanned:r,deleted:i,missing:a})=>[t&&`${y(t,G[e])} (protected)`,n&&`${y(n,G[e])} (Media files is off)`,r&&`${y(r,G[e])} (already planned for deletion)`,i&&`${y(i,G[e])} (already deleted)`,a&&`${y(a,G[e])} (missing; deleted if an import adds ${a===1?`it`:`them`})`].filter(e=>typeof e==`string`))}var J={UNTOUCHED:``,ANONYMIZED:``,CONTENT_KEPT:`because the settings keep their content`,PROTECTED_MEDIA:`because a protected recording is kept`};function oe({reviewEndsCount:e,notReviewableCount:t,staysReviewable:n}){return[e&&`${V(e)} can no longer be reviewed`,...n.map(({reason:e,count:t})=>`${V(t)} ${t===1?`stays`:`stay`} reviewable, ${J[e]}`),t&&`${V(t)} ${t===1?`was`:`were`} already not reviewable`].filter(e=>typeof e==`string`)}function se({isUnchanged:e,isReviewableBefore:t,isReviewableAfter:n,effect:r}){if(e)return`no change: already anonymized`;let i=r.media.reduce((e,t)=>e+t.protected,0);return[`${y(r.valueCount,`value`)} overwritten`,...K(r).map(e=>`${e} deleted`),...i?[`${y(i,`recording`)} protected`]:[],...t&&!n?[`no longer reviewable`]:[]].join(`, `)}function ce({preview:{conversationCount:e,unchangedCount:n},busy:r,waiting:i,failed:s,onConfirm:c,onClose:l}){let[u,d]=(0,B.useState)(``),f=n===e,p=!f&&u.trim()===String(e),[m,h]=le(i,s,c);return(0,A.jsx)(`form`,{onSubmit:e=>{e.preventDefault(),p&&!r&&m()},children:(0,A.jsxs)(a,{children:[!f&&(0,A.jsx)(ue,{many:e,typed:u,onTyped:d,busy:r||h}),(0,A.jsxs)(o,{justify:`flex-end`,children:[(0,A.jsx)(t,{variant:`default`,onClick:l,disabled:r,children:f?`Close`:`Cancel`}),!f&&(0,A.jsxs)(t,{type:`submit`,color:`red`,disabled:!p,loading:r||h,children:[`Anonymize `,V(e)]})]})]})})}function le(e,t,n){let[r,i]=(0,B.useState)(!1),a=(0,B.useEffectEvent)(async()=>t?void 0:n());return(0,B.useEffect)(()=>{r&&!e&&a().finally(()=>i(!1))},[r,e]),[()=>e?i(!0):void n(),r]}function ue({many:e,typed:t,onTyped:n,busy:r}){return e===1?(0,A.jsx)(T,{label:`I understand this cannot be undone`,checked:t!==``,onChange:e=>n(e.currentTarget.checked?`1`:``),disabled:r}):(0,A.jsx)(te,{label:`Type ${e} (the number of conversations) to confirm`,value:t,onChange:e=>n(e.currentTarget.value),inputMode:`numeric`,autoComplete:`off`,disabled:r,w:`100%`,maw:`24rem`})}var Y={title:`_title_1jkxv_1`,facts:`_facts_1jkxv_6`,list:`_list_1jkxv_21`,each:`_each_1jkxv_31`,summary:`_summary_1jkxv_49`};function de({rows:e}){let[t,n]=(0,B.useState)(!1);return e.length<2?null:(0,A.jsxs)(`details`,{open:t,onToggle:e=>n(e.currentTarget.open),children:[(0,A.jsx)(`summary`,{className:Y.summary,children:`Effect on each conversation`}),t&&(0,A.jsx)(`ul`,{className:Y.each,tabIndex:0,"aria-label":`Effect on each conversation`,children:e.map(e=>(0,A.jsxs)(`li`,{children:[(0,A.jsx)(E,{value:e.conversation.startedAt}),` `,(0,A.jsx)(`span`,{children:se(e)})]},e.conversation.id))})]})}function fe({preview:e}){let{effect:t,unchangedCount:n,conversationCount:r,settingsVersion:i}=e,a=W(t).map(({key:e,values:t})=>(0,A.jsxs)(A.Fragment,{children:[(0,A.jsx)(_,{children:e}),`: `,t]}));return(0,A.jsxs)(A.Fragment,{children:[n<r&&(0,A.jsx)(pe,{}),(0,A.jsxs)(`dl`,{className:Y.facts,children:[(0,A.jsx)(X,{term:`Overwritten`,lines:[...U(t),...a],none:`No stored values`}),(0,A.jsx)(X,{term:`Deleted`,lines:K(t),none:`No recordings`}),(0,A.jsx)(X,{term:`Kept`,lines:q(t)}),(0,A.jsx)(X,{term:`Review`,lines:oe(e)}),(0,A.jsx)(X,{term:`Unchanged`,lines:n?[me(n,r)]:[]}),(0,A.jsx)(X,{term:`Settings`,lines:[`Version ${i} defines what is personal data`]})]}),(0,A.jsx)(de,{rows:e.conversations})]})}function pe(){return(0,A.jsx)(c,{color:`red`,icon:(0,A.jsx)(m,{"aria-hidden":!0}),title:`This cannot be undone`,children:(0,A.jsx)(g,{size:`sm`,children:`Nobody, including us, can restore what is overwritten or deleted.`})})}function me(e,t){let n=`already anonymized under these settings`;return e<t?`${V(e)}: ${n}`:t===1?`Already anonymized under these settings`:`All conversations are ${n}`}function X({term:e,lines:t,none:n}){let r=t.length>0?t:n?[n]:[];return r.length===0?null:(0,A.jsxs)(A.Fragment,{children:[(0,A.jsx)(`dt`,{children:e}),(0,A.jsx)(`dd`,{children:(0,A.jsx)(`ul`,{className:Y.list,children:r.map((e,t)=>(0,A.jsx)(`li`,{children:e},t))})})]})}function Z({phase:e,changed:t,preview:n}){return e.at===`doing`?null:(0,A.jsxs)(A.Fragment,{children:[e.at===`unsure`&&(0,A.jsx)(ge,{error:e.error,preview:n}),e.at===`asking`&&e.refused&&(0,A.jsx)(b,{error:e.refused}),e.at===`asking`&&t&&n&&(0,A.jsx)(he,{what:t,version:n.settingsVersion})]})}function he({what:e,version:t}){let n=e===`settings`;return(0,A.jsx)(c,{color:`yellow`,role:`alert`,title:n?`Settings changed while this was open`:`A conversation changed while this was open`,children:(0,A.jsx)(g,{size:`sm`,children:n?`Nothing has been anonymized yet. The figures below use version ${t}.`:`Nothing has been anonymized yet. The figures below are up to date.`})})}function ge({error:e,preview:t}){let n=e.kind===`offline`,r=n?`The result is unknown`:`The server returned an error`,i=n?`The connection was lost after your request was sent and before the answer arrived.`:`The server anonymizes all of these conversations or none. It can fail before or after that.`;return(0,A.jsxs)(c,{color:`yellow`,role:`alert`,title:r,children:[(0,A.jsxs)(g,{size:`sm`,children:[x(e),` `,i,` `,t?_e(t):n?`The result appears here when the server can be reached again.`:``]}),(0,A.jsx)(v,{error:e})]})}function _e({unchangedCount:e,conversationCount:t}){let r=t-e;return r===0?`${t===1?`The conversation is`:`All conversations are`} anonymized now. There is nothing left to do.`:e===0?`Nothing has been anonymized yet. You can try again.`:`${n(e)} of ${V(t)} are anonymized now, ${n(r)} are not. You can try again.`}function ve({preview:{problems:e},ids:n,onLeaveOut:r,onClose:i}){let a=e.filter(({code:e})=>e===`NOT_FOUND`),s=a.length===e.length&&a.length<n.length;return(0,A.jsxs)(A.Fragment,{children:[(0,A.jsx)(c,{color:`red`,role:`alert`,title:a.length>0?`Not all conversations are available`:`Nothing to anonymize`,children:(0,A.jsx)(w,{size:`sm`,children:e.map((e,t)=>(0,A.jsx)(w.Item,{children:ye(e,n.length)},t))})}),(0,A.jsxs)(o,{justify:`flex-end`,children:[(0,A.jsx)(t,{variant:`default`,onClick:i,children:`Cancel`}),s&&(0,A.jsxs)(t,{onClick:()=>r(a),children:[`Leave out `,V(a.length)]})]})]})}function ye({code:e,message:t,field:n},r){if(e===`NOTHING_SELECTED`)return(0,A.jsx)(be,{});if(e!==`NOT_FOUND`)return(0,A.jsx)(g,{size:`sm`,children:t});let i=r===1?`This conversation`:`Conversation ${Number(n?.at(-1))+1} of ${r}`;return(0,A.jsxs)(g,{size:`sm`,children:[i,` no longer exists, or you do not have access to it.`]})}function be(){return(0,A.jsxs)(g,{size:`sm`,children:[`The compliance settings select no personal data. Choose what to remove on the`,` `,(0,A.jsx)(ne,{component:p,to:`/compliance`,c:`inherit`,underline:`always`,children:`Compliance page`}),` `,`and save it first.`]})}function xe(e){let{query:n,preview:r,phase:i,onClose:s}=e;if(r)return(0,A.jsx)(Se,{...e,preview:r});let c=i.at===`unsure`,l=n.error?.kind===`forbidden`||n.error?.kind===`invalid`?void 0:n.refetch;return(0,A.jsxs)(a,{children:[c&&(0,A.jsx)(Z,{...e,preview:void 0}),n.error?(0,A.jsx)(b,{error:n.error,retry:l}):(0,A.jsx)(f,{label:c?`Checking what was anonymized`:`Calculating the effect`}),(0,A.jsx)(o,{justify:`flex-end`,children:(0,A.jsx)(t,{variant:`default`,onClick:s,children:c?`Close`:`Cancel`})})]})}function Se({preview:e,...t}){let{ids:n,phase:r,leaveOut:i,query:o,onConfirm:s,onClose:c}=t;return(0,A.jsxs)(a,{children:[(0,A.jsx)(Z,{...t,preview:e}),o.error&&(0,A.jsx)(b,{error:o.error,retry:o.refetch}),e.problems.length>0?(0,A.jsx)(ve,{preview:e,ids:n,onLeaveOut:i,onClose:c}):(0,A.jsxs)(A.Fragment,{children:[(0,A.jsx)(fe,{preview:e}),(0,A.jsx)(ce,{preview:e,busy:r.at===`doing`,waiting:o.fetching&&r.at!==`doing`,failed:o.error!==void 0,onConfirm:s,onClose:c},JSON.stringify(e))]})]})}function Ce({result:e,onClose:n}){let r=(0,B.useRef)(null);return(0,B.useEffect)(()=>r.current?.focus(),[]),(0,A.jsxs)(a,{children:[e.done>0&&(0,A.jsx)(we,{...e}),e.unchanged>0&&(0,A.jsx)(Te,{...e}),e.failures.length>0&&(0,A.jsx)(Ee,{...e}),(0,A.jsx)(o,{justify:`flex-end`,children:(0,A.jsx)(t,{ref:r,onClick:n,children:`Close`})})]})}function we({done:e,planned:t,notReviewable:n,settingsVersion:r}){return(0,A.jsx)(c,{color:`green`,role:`status`,icon:(0,A.jsx)(P,{"aria-hidden":!0}),title:`${V(e)} anonymized`,children:(0,A.jsxs)(g,{size:`sm`,children:[`Version `,r,` of the compliance settings was applied. The old values were removed, also from this page.`,t>0&&` Recordings of ${V(t)} are planned for deletion. They are deleted automatically in the next deletion run.`,n>0&&` ${V(n)} can no longer be reviewed.`]})})}function Te({unchanged:e}){return(0,A.jsxs)(g,{size:`sm`,children:[V(e),` `,e===1?`was`:`were`,` already anonymized and did not change.`]})}function Ee({done:e,failures:t}){let n=e===0?`Nothing was anonymized`:`${V(t.length)} could not be anonymized`;return(0,A.jsx)(c,{color:`red`,role:`alert`,title:n,children:(0,A.jsx)(w,{size:`sm`,children:t.map(e=>(0,A.jsxs)(w.Item,{children:[(0,A.jsx)(De,{...e}),`: `,e.message]},e.id))})})}function De({id:e,known:t}){return t?(0,A.jsxs)(A.Fragment,{children:[`Conversation of `,(0,A.jsx)(E,{value:t.startedAt})]}):(0,A.jsxs)(A.Fragment,{children:[`Conversation `,e]})}e(`
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
`);var Oe=e(`
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
`),ke=e(`
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
`),Ae=e(`
  subscription AnonymizeConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`),je=e(`
  subscription AnonymizeSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);function Me({conversations:e,settingsVersion:t,userErrors:n},r,i){let a=new Map(i.conversations.map(e=>[e.conversation.id,e])),o=(e??[]).map(e=>({now:e,before:a.get(e.id)})),s=o.filter(e=>!e.before?.isUnchanged);return{done:s.length,unchanged:o.length-s.length,planned:s.filter(e=>Ne(e.before)&&e.now.mediaStatus!==`AVAILABLE`).length,notReviewable:s.filter(e=>!e.now.isReviewable&&e.before?.isReviewableBefore!==!1).length,settingsVersion:t??null,failures:n.map(({message:e,field:t})=>{let n=r[Number(t?.at(-1))]??``;return{id:n,known:a.get(n)?.conversation,message:e}})}}var Ne=e=>e?.effect.media.some(({planned:e})=>e>0)??!1,Pe=150;function Q(e){let[t,n]=(0,B.useState)(!1),r=(0,B.useEffectEvent)(()=>{n(!1),e()});return(0,B.useEffect)(()=>{if(!t)return;let e=setTimeout(()=>r(),Pe);return()=>clearTimeout(e)},[t]),(0,B.useCallback)(()=>n(!0),[])}function $(e,t){let n=r(Oe,{variables:{ids:e},pause:t||e.length===0}),[i,a]=(0,B.useState)(),o=n.data?.anonymizationPreview,s=i?.ids===e?i:void 0;o&&!t&&o!==s?.last&&!n.fetching&&a({ids:e,first:s?.first??o,last:o});let c=Q(n.refetch),l={next:c,gap:c};return D(Ae,{ids:e},l,t||e.length===0),D(je,{},l,t),{query:n,preview:s?.last,changed:s&&Fe(s.first,s.last)}}function Fe(e,t){return e.settingsVersion===t.settingsVersion?JSON.stringify(e)===JSON.stringify(t)?void 0:`conversations`:`settings`}function Ie(e,t){let[n,r]=(0,B.useState)(e),[i,a]=(0,B.useState)({at:`asking`}),{query:o,preview:s,changed:c}=$(n,i.at===`doing`||i.at===`done`),[l]=O(ke),d=u(),f=(0,B.useContext)(C),p=(0,B.useRef)(!1);return{phase:i,ids:n,preview:i.at===`unsure`&&!o.data?void 0:s,changed:c,query:o,anonymize:async()=>{if(p.current||!s)return;p.current=!0,a({at:`doing`});let{data:e,error:r}=await l({ids:n,settingsVersion:s.settingsVersion}),i=Re(e?.anonymizeConversations,r,n,s);p.current=!1,a(i),i.at===`asking`&&i.refused||d(),i.at===`done`&&(f.drop(),t())},leaveOut:e=>r(n.filter((t,n)=>!e.some(({field:e})=>e?.at(-1)===String(n))))}}var Le=[`forbidden`,`limited`];function Re(e,t,n,r){return t&&!Le.includes(t.kind)?{at:`unsure`,error:t}:t||!e?{at:`asking`,refused:t}:e.userErrors.some(({code:e})=>e!==`NOT_FOUND`)?{at:`asking`}:{at:`done`,result:Me(e,n,r)}}function ze({ids:e,opened:t,onClose:n,onDone:r}){let[i,a]=(0,B.useState)({at:`asking`}),o=i.at===`doing`,s=t||o,c=e.length===1?`Anonymize this conversation?`:`Anonymize ${V(e.length)}?`,[u,d]=(0,B.useState)(c);return!s&&u!==c&&d(c),(0,A.jsx)(l,{opened:s,onClose:()=>!o&&n(),title:i.at===`done`?Be(i.result):u,size:`lg`,closeButtonProps:{"aria-label":`Close`,disabled:o},classNames:{title:Y.title},children:(0,A.jsx)(Ve,{ids:e,opened:t,onClose:n,onDone:r,onPhase:a})})}var Be=({done:e})=>e===0?`Nothing was anonymized`:`Anonymized ${V(e)}`;function Ve({ids:e,opened:t,onClose:n,onDone:r,onPhase:i}){let a=Ie(e,()=>r?.()),{phase:o,anonymize:s}=a;if((0,B.useEffect)(()=>i(o),[i,o]),o.at===`done`)return(0,A.jsx)(Ce,{result:o.result,onClose:n});let c=async()=>t?s():void 0;return(0,A.jsx)(xe,{...a,onConfirm:c,onClose:n})}var He={placeholder:`_placeholder_yuuwv_1`};function Ue({value:e,anonymized:t}){return e==null||e===``?null:t?(0,A.jsx)(`span`,{className:He.placeholder,title:`Personal data was removed`,children:e}):(0,A.jsx)(A.Fragment,{children:e})}export{R as a,F as c,z as i,P as l,ze as n,L as o,Q as r,I as s,Ue as t,N as u};