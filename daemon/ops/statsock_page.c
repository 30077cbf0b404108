/*
 * statsock_page: one HTML document, which loads nothing but /status.json. Its script inserts the texts of the daemon as
 * text. Must never insert them as markup.
 */
#include "statsock_page.h"

static const char page[] =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>otpgwd</title><style>"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .8rem;text-align:left;border-bottom:1px "
    "solid #ddd}"
    ".bar{background:#3a7;height:.9rem;display:inline-block;min-width:1px}.bad{color:#b00}</style></head><body>"
    "<h1>otpgwd</h1><p id=\"state\">reading status ...</p><h2>Funnel</h2><table id=\"funnel\"></table>"
    "<h2>SMSCs</h2><table id=\"smscs\"></table><h2>Tenants</h2><table id=\"tenants\"></table><script>"
    "const $=id=>document.getElementById(id);"
    "const row=(t,cells,tag='td')=>{const r=t.insertRow();for(const c of cells){const d=document.createElement(tag);"
    "if(c instanceof Node)d.append(c);else d.textContent=c;r.append(d)}};"
    "const bar=(v,m)=>{const "
    "s=document.createElement('span');s.className='bar';s.style.width=(m?20*v/m:0)+'rem';return s};"
    "async function look(){try{const s=await(await fetch('status.json')).json();"
    "$('state').textContent='version '+s.version+', instance '+s.instance+', redis '+(s.redis.up?'up':'away: "
    "'+s.redis.reason)+"
    "', durability '+s.redis.durability+', clients '+s.clients+', queued '+s.queue.queued+', in flight "
    "'+s.queue.in_flight+"
    "(s.redis.warning?' - '+s.redis.warning:'');"
    "$('state').className=s.redis.up?'':'bad';"
    "const f=$('funnel');f.replaceChildren();const m=Math.max(...Object.values(s.funnel));"
    "for(const[k,v]of Object.entries(s.funnel))row(f,[k,v,bar(v,m)]);"
    "const b=$('smscs');b.replaceChildren();row(b,['name','state','reason','window','rate'],'th');"
    "for(const x of s.smscs)row(b,[x.name,x.state,x.reason,x.window_used+' / '+x.window,x.rate_now+' / '+x.rate]);"
    "const t=$('tenants');t.replaceChildren();row(t,['name','sends','approved','wrong','limited'],'th');"
    "for(const x of s.tenants)row(t,[x.name,x.sends,x.approved,x.wrong,x.limited])"
    "}catch(e){$('state').textContent='no status: '+e;$('state').className='bad'}}"
    "look();setInterval(look,2000)</script></body></html>\n";

const char *statsock_page(void)
{
	return page;
}
