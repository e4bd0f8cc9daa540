"""Exports that nobody showed us: each made after what such a bank, wallet or shop system writes, none of them its file.

What is expected stands beside each: the day, the signed minor units and the currency of every line.
"""

# ruff: noqa: E501  (a row of a bill is as long as it is)

from typing import NamedTuple

import pytest

from imports.statements import read


class Export(NamedTuple):
    name: str
    text: str
    lines: list[tuple[str, int, str]]


EXPORTS = (
    Export(
        "ccb",
        "中国建设银行个人活期账户全部交易明细\n"
        "卡号/账号:6217********1234\t客户名称:张三\t起始日期:20250101\t结束日期:20250131\n"
        "序号\t摘要\t币别\t钞汇\t交易日期\t交易金额\t账户余额\t交易地点/附言\t对方账号与户名\n"
        "1\t消费\t人民币元\t钞\t20250106\t-35.00\t1,965.00\t财付通-美团\t243300133/财付通-美团\n"
        "2\t转账存入\t人民币元\t钞\t20250107\t500.00\t2,465.00\t货款\t6222****1111/李四\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 50000, "CNY")],
    ),
    Export(
        "ccb-ent",
        "账号,账户名称,交易时间,借方发生额（支取）,贷方发生额（收入）,余额,币种,对方户名,对方账号,对方开户机构,记账日期,摘要,备注,账户明细编号-交易流水号,企业流水号,凭证种类,凭证号\n"
        '4405011,某某公司,20250106 10:11:12,"1,200.00",0.00,"8,800.00",人民币元,宏发粮油,622,建行,20250106,货款,进货,1-100,,,\n'
        '4405011,某某公司,20250107 10:11:12,0.00,"300.00","9,100.00",人民币元,客户甲,622,建行,20250107,收款,,1-101,,,\n',
        [("2025-01-06", -120000, "CNY"), ("2025-01-07", 30000, "CNY")],
    ),
    Export(
        "abc",
        "中国农业银行账户活期交易明细清单\n"
        "户名：张三  账户：6228480000001234 币种：人民币\n"
        "起止日期：20250101-20250131\n"
        "交易日期,交易时间,交易摘要,交易金额,本次余额,对手信息,日志号,交易渠道,交易附言\n"
        "20250106,101112,转存,+100.00,1100.00,李四6228,123456,电子商务,\n"
        "20250107,235959,消费,-20.00,1080.00,财付通,123457,电子商务,美团\n",
        [("2025-01-06", 10000, "CNY"), ("2025-01-07", -2000, "CNY")],
    ),
    Export(
        "abc-ent",
        "交易时间,收入金额,支出金额,账户余额,交易行名,对方省市,对方账号,对方户名,交易用途\n"
        '2025-01-06 10:11:12,--,"1,000.00","9,000.00",农行,,622,甲公司,货款\n'
        '2025-01-07 10:11:12,"2,000.00",--,"11,000.00",农行,,622,乙公司,货款\n',
        [("2025-01-06", -100000, "CNY"), ("2025-01-07", 200000, "CNY")],
    ),
    Export(
        "bocom",
        "交通银行个人客户交易清单\n"
        "部门柜员: 交易机构:01\n"
        "账号/卡号Account/Card No: 6222****1234 户名Account Name: 张三\n"
        "查询起日Query Starting Date: 2025-01-01 查询止日Query Ending Date: 2025-01-31\n"
        "序号Serial Num,交易日期Trans Date,交易时间Trans Time,交易类型Trading Type,借贷Dc Flg,交易金额Trans Amt,余额Balance,对方账号Payment Receipt Account,对方户名Payment Receipt Account Name,交易地点Trading Place,摘要Abstract\n"
        "1,2025-01-06,10:11:12,网上支付,借 Dr,35.00,965.00,243300133,财付通,,消费\n"
        "2,2025-01-07,10:11:13,转账,贷 Cr,100.00,1065.00,622,李四,,货款\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "psbc",
        "中国邮政储蓄银行\n"
        "交易日期,摘要,支出金额,收入金额,余额,对方户名,对方账号,交易渠道,附言\n"
        "2025年1月6日,消费,35.00,,965.00,财付通,2433,网银,\n"
        "2025年01月07日,转入,,100.00,1065.00,李四,622,网银,货款\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "citic",
        "中信银行账户交易明细\n"
        "交易日期\t收入金额\t支出金额\t账户余额\t对方名称\t对方账号\t摘要\t受理机构\t状态\n"
        "2025-01-06\t\t35.00\t965.00\t财付通\t2433\t消费\t网银\t完成\n"
        "2025-01-07\t100.00\t\t1065.00\t李四\t622\t货款\t网银\t完成\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "spdb",
        "交易日期,交易时间,交易金额(收),交易金额(支),账户余额,对手姓名,对手账号,交易渠道,交易摘要\n"
        "20250106,10:11:12,,35.00,965.00,财付通,2433,网银,消费\n"
        "20250107,10:11:13,100.00,,1065.00,李四,622,网银,货款\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "cmbc",
        "交易时间 | 凭证类型 | 凭证号码 | 借方发生额 | 贷方发生额 | 账户余额 | 现转标志 | 摘要 | 对方户名/账号 | 对方行名\n"
        "2025/01/06 10:11:12 | | | 35.00 | | 965.00 | 转 | 消费 | 财付通/2433 | \n"
        "2025/01/07 10:11:13 | | | | 100.00 | 1065.00 | 转 | 货款 | 李四/622 | \n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "pingan",
        "平安银行交易明细\n"
        "交易时间,账号,收入,支出,余额,对方户名,对方账号,交易流水号,摘要,用途\n"
        "2025-01-06 10:11:12,622,,35.00,965.00,财付通,2433,X1,消费,\n"
        "2025-01-07 10:11:13,622,100.00,,1065.00,李四,622,X2,货款,\n"
        "合计笔数：2,,100.00,35.00,,,,,,\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "cib",
        "兴业银行\n"
        "交易时间,记账日,支出,收入,账户余额,摘要,对方户名,对方银行,对方账号,用途,交易渠道,备注\n"
        "2025-01-06 10:11:12,2025-01-06,35.00,,965.00,消费,财付通,,2433,,网银,\n"
        "2025-01-07 10:11:13,2025-01-07,,100.00,1065.00,转账,李四,,622,货款,网银,\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "ceb",
        "光大银行\n"
        "交易日期,交易时间,支出金额,存入金额,账户余额,对方账号,对方户名,摘要\n"
        "2025-01-06,10:11:12,35.00,0.00,965.00,2433,财付通,消费\n"
        "2025-01-07,10:11:13,0.00,100.00,1065.00,622,李四,货款\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "hsbc",
        "Date,Description,Amount,Balance\n"
        "06 Jan 2025,CARD PAYMENT TESCO,-35.00,965.00\n"
        "07 Jan 2025,CREDIT J SMITH,100.00,1065.00\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "hsbc2",
        "Date,Type,Description,Paid Out,Paid In,Balance\n"
        "06 Jan 25,VIS,TESCO,35.00,,965.00\n"
        "07 Jan 25,CR,J SMITH,,100.00,1065.00\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "hsbc-hk",
        '"Transaction date","Post date","Description","Billing amount","Billing currency"\n'
        '"06/01/2025","07/01/2025","PARKNSHOP","-350.00","HKD"\n'
        '"16/01/2025","17/01/2025","SALARY","1,000.00","HKD"\n',
        [("2025-01-06", -35000, "HKD"), ("2025-01-16", 100000, "HKD")],
    ),
    Export(
        "revolut",
        "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
        "CARD_PAYMENT,Current,2025-01-06 10:11:12,2025-01-07 08:00:00,Tesco,-35.00,0.00,GBP,COMPLETED,965.00\n"
        "TOPUP,Current,2025-01-07 10:11:12,2025-01-07 10:11:13,Payment from J Smith,100.00,0.00,GBP,COMPLETED,1065.00\n"
        "CARD_PAYMENT,Current,2025-01-08 10:11:12,,Shell,-5.00,0.00,GBP,REVERTED,\n",
        [("2025-01-07", -3500, "GBP"), ("2025-01-07", 10000, "GBP"), ("2025-01-08", 0, "GBP")],
    ),
    Export(
        "wise",
        '"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running Balance","Exchange From","Exchange To","Exchange Rate","Payer Name","Payee Name","Payee Account Number",Merchant,"Card Last Four Digits","Card Holder Full Name",Attachment,Note,"Total fees"\n'
        "CARD-1,06-01-2025,-35.00,EUR,Card transaction of 35.00 EUR issued by Tesco,,965.00,,,,,,,Tesco,1234,Zhang San,,,0.00\n"
        "TRANSFER-2,17-01-2025,100.00,EUR,Received money from J Smith with reference INV1,INV1,1065.00,,,,J Smith,,,,,,,,0.00\n",
        [("2025-01-06", -3500, "EUR"), ("2025-01-17", 10000, "EUR")],
    ),
    Export(
        "paypal",
        '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","From Email Address","To Email Address","Transaction ID","Balance"\n'
        '"1/6/2025","10:11:12","PST","J Smith","Express Checkout Payment","Completed","USD","100.00","-3.20","96.80","a@b.c","d@e.f","9AB1","196.80"\n'
        '"1/26/2025","10:11:13","PST","","General Withdrawal","Completed","USD","-96.80","0.00","-96.80","","","9AB2","100.00"\n',
        [("2025-01-06", 9680, "USD"), ("2025-01-26", -9680, "USD")],
    ),
    Export(
        "stripe-payouts",
        "id,Amount,Created (UTC),Status,Arrival Date (UTC),Currency,Description,Destination\n"
        "po_1,96.80,2025-01-06 10:11,paid,2025-01-08 00:00,usd,STRIPE PAYOUT,ba_1\n"
        "po_2,196.80,2025-01-07 10:11,paid,2025-01-09 00:00,usd,STRIPE PAYOUT,ba_1\n",
        [("2025-01-06", 9680, "USD"), ("2025-01-07", 19680, "USD")],
    ),
    Export(
        "stripe-balance",
        "balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,description\n"
        "txn_1,2025-01-06 10:11:12,2025-01-08 00:00:00,usd,100.00,3.20,96.80,charge,ch_1,Order 1\n"
        "txn_2,2025-01-07 10:11:12,2025-01-08 00:00:00,usd,-50.00,0.00,-50.00,refund,re_1,REFUND FOR CHARGE\n",
        [("2025-01-06", 9680, "USD"), ("2025-01-07", -5000, "USD")],
    ),
    Export(
        "square",
        "Date,Time,Time Zone,Gross Sales,Discounts,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,Total Collected,Source,Card,Cash,Fees,Net Total,Transaction ID,Payment ID,Description,Customer Name\n"
        "01/06/25,10:11:12,Eastern Time (US & Canada),$12.00,$0.00,$12.00,$0.00,$0.96,$0.00,$0.00,$12.96,Point of Sale,$12.96,$0.00,($0.44),$12.52,T1,P1,Coffee,\n"
        "01/16/25,10:11:12,Eastern Time (US & Canada),$10.00,$0.00,$10.00,$0.00,$0.80,$0.00,$0.00,$10.80,Point of Sale,$10.80,$0.00,($0.38),$10.42,T2,P2,Tea,\n",
        [("2025-01-06", 1252, "USD"), ("2025-01-16", 1042, "USD")],
    ),
    Export(
        "shopify",
        "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency\n"
        "2025-01-06 10:11:12 -0500,charge,#1001,visa,online,paid,2025-01-08,2025-01-07,100.00,3.20,96.80,#1,card,100.00,USD,USD\n"
        "2025-01-07 10:11:12 -0500,refund,#1001,visa,online,paid,2025-01-08,2025-01-08,-20.00,0.00,-20.00,#1,card,-20.00,USD,USD\n",
        [("2025-01-06", 10000, "USD"), ("2025-01-07", -2000, "USD")],
    ),
    Export(
        "jd",
        "导出信息：\n"
        "京东账号名：jd_x\n"
        "日期区间：2025-01-01 至 2025-01-31\n"
        "交易时间,商户名称,交易说明,金额,收/付款方式,交易状态,收/支,交易分类,交易订单号,商家订单号,备注\n"
        "2025-01-06 10:11:12\t,京东商城,商品A,35.00,微信支付,交易成功,支出,食品,1001\t,2001\t,\n"
        "2025-01-07 10:11:12\t,京东商城,商品B,20.00(已退款5.00),微信支付,交易成功,支出,食品,1002\t,2002\t,\n"
        "2025-01-08 10:11:12\t,京东商城,商品C,20.00(已全额退款),微信支付,交易成功,不计收支,食品,1003\t,2003\t,\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", -1500, "CNY"), ("2025-01-08", 0, "CNY")],
    ),
    Export(
        "douyin",
        "动账时间,动账流水号,动账方向,动账金额,动账账户,动账场景,订单号,商品名称,备注\n"
        "2025-01-06 10:11:12,D1,入账,35.00,聚合账户,货款结算,O1,商品A,\n"
        "2025-01-07 10:11:12,D2,出账,5.00,聚合账户,退款,O1,商品A,\n",
        [("2025-01-06", 3500, "CNY"), ("2025-01-07", -500, "CNY")],
    ),
    Export(
        "meituan-merchant",
        "账单日期,交易类型,订单号,结算金额,订单金额,门店名称\n"
        "2025-01-06,外卖订单,O1,30.00,35.00,一店\n"
        "2025-01-07,外卖退款,O2,-10.00,-12.00,一店\n",
        [("2025-01-06", 3000, "CNY"), ("2025-01-07", -1000, "CNY")],
    ),
    Export(
        "multirow",
        "账户明细,,,,,,\n"
        "日期,摘要,发生额,,余额,对方,\n"
        ",,借方,贷方,,户名,账号\n"
        "2025-01-06,货款,35.00,,965.00,甲,1\n"
        "2025-01-07,货款,,100.00,1065.00,乙,2\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "crdr",
        "Date,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\n"
        "06/01/25,UPI-X,0001,06/01/25,35.00,,965.00\n"
        "17/01/25,NEFT-Y,0002,17/01/25,,100.00,1065.00\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-17", 10000, "CNY")],
    ),
    Export(
        "crdr2",
        "Txn Date;Details;Amount;Balance\n06-01-2025;X;35.00 DR;965.00 CR\n17-01-2025;Y;100.00CR;1,065.00 CR\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-17", 10000, "CNY")],
    ),
    Export(
        "paren",
        "Date\tDescription\tAmount\n2025-01-06\tX\t($35.00)\n2025-01-07\tY\t$1,100.00\n",
        [("2025-01-06", -3500, "USD"), ("2025-01-07", 110000, "USD")],
    ),
    Export(
        "fullwidth",
        "交易日期,摘要,交易金额,余额\n"
        "２０２５－０１－０６,消费,－３５．００,９６５．００\n"
        "2025-01-07,收款,１００．００,１０６５．００\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "pages",
        "交易日期,摘要,支出,收入,余额\n"
        "2025-01-06,消费,35.00,,965.00\n"
        "本页合计,,35.00,,\n"
        "第1页/共2页,,,,\n"
        "交易日期,摘要,支出,收入,余额\n"
        "2025-01-07,收款,,100.00,1065.00\n"
        "本页合计,,,100.00,\n"
        "总计,,35.00,100.00,\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "emptycols",
        ",,,,,\n,交易日期,,交易金额,,摘要,\n,2025-01-06,,-35.00,,消费,\n,2025-01-07,,100.00,,收款,\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "germany",
        '"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Begünstigter/Zahlungspflichtiger";"Betrag";"Währung"\n'
        '"06.01.2025";"06.01.2025";"LASTSCHRIFT";"X";"Stadtwerke";"-35,00";"EUR"\n'
        '"07.01.2025";"07.01.2025";"GUTSCHRIFT";"Y";"Schmidt";"1.100,00";"EUR"\n',
        [("2025-01-06", -3500, "EUR"), ("2025-01-07", 110000, "EUR")],
    ),
    Export(
        "chase",
        "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
        "DEBIT,01/06/2025,TESCO,-35.00,ACH_DEBIT,965.00,\n"
        "CREDIT,01/17/2025,SMITH,100.00,ACH_CREDIT,1065.00,\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-17", 10000, "CNY")],
    ),
    Export(
        "dc-amount-unsigned-neg-out",
        "交易时间,收支类型,交易金额,余额\n"
        "2025-01-06 10:00:00,支出,-35.00,965.00\n"
        "2025-01-07 10:00:00,收入,+100.00,1065.00\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "alipay-merchant",
        "#支付宝账务明细查询\n"
        "#账号：[20881]\n"
        "#起始日期：[2025年01月01日 00:00:00]   终止日期：[2025年02月01日 00:00:00]\n"
        "#-----------------------------------------账务明细列表----------------------------------------\n"
        "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注\n"
        "1001\t,2001\t,3001\t,A\t,2025-01-06 10:11:12,a@b\t,0.00,-35.00,965.00,支付宝\t,交易付款\t,\n"
        "1002\t,2002\t,3002\t,B\t,2025-01-07 10:11:12,a@b\t,100.00,0.00,1065.00,支付宝\t,在线支付\t,\n"
        "#-----------------------------------------账务明细列表结束------------------------------------\n"
        "#支出合计：1笔，共-35.00元\n"
        "#收入合计：1笔，共100.00元\n"
        "#导出时间：[2025年02月01日 10:00:00]\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "wechat-merchant",
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\n"
        "`2025-01-06 10:11:12,`wx1,`123,`0,`,`4200001,`3001,`o1,`JSAPI,`SUCCESS,`OTHERS,`CNY,`35.00,`0.00,`0,`0,`0.00,`0.00,`,`,`A,`,`0.21,`0.60%,`35.00,`0.00,`\n"
        "`2025-01-07 10:11:12,`wx1,`123,`0,`,`4200002,`3002,`o1,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5001,`6001,`35.00,`0.00,`ORIGINAL,`SUCCESS,`A,`,`-0.21,`0.60%,`0.00,`35.00,`\n"
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n"
        "`2,`35.00,`35.00,`0.00,`0.00000,`35.00,`35.00\n",
        [("2025-01-06", 3500, "CNY"), ("2025-01-07", -3500, "CNY")],
    ),
    Export(
        "in-out-label-row",
        "Date,Transaction,Money in (GBP),Money out (GBP),Balance (GBP)\n"
        "6 January 2025,TESCO,,35.00,965.00\n"
        '7 January 2025,SMITH,100.00,,"1,065.00"\n',
        [("2025-01-06", -3500, "GBP"), ("2025-01-07", 10000, "GBP")],
    ),
    Export(
        "shared-amount-with-dr-col",
        "Date,Particulars,Amount,Dr/Cr,Balance\n2025-01-06,X,35.00,Dr,965.00\n2025-01-07,Y,100.00,Cr,1065.00\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "grouped-date",
        "交易日期,交易时间,摘要,支出,收入,余额\n"
        "2025-01-06,10:00,消费,35.00,,965.00\n"
        ",10:05,消费,5.00,,960.00\n"
        "2025-01-07,11:00,收款,,100.00,1060.00\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-06", -500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "excel-formula-quoted",
        "交易日期,交易流水号,交易金额,摘要\n"
        '="20250106",="0012345","-35.00",消费\n'
        '="20250107",="0012346","100.00",收款\n',
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "apostrophe",
        "交易日期,交易金额,摘要\n'20250106,'-35.00,消费\n'20250107,'100.00,收款\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "yy",
        "日期,金额,摘要\n25-01-06,-35.00,消费\n25-01-07,100.00,收款\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "wan",
        "交易日期,交易金额(万元),摘要\n2025-01-06,-3.5,消费\n2025-01-07,10,收款\n",
        [("2025-01-06", -3500000, "CNY"), ("2025-01-07", 10000000, "CNY")],
    ),
    Export(
        "cents",
        "交易日期,交易金额（分）,摘要\n2025-01-06,-3500,消费\n2025-01-07,10000,收款\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
    Export(
        "jpy",
        "日付,摘要,お支払金額,お預り金額,残高\n2025/1/6,ATM,3500,,96500\n2025/1/7,給料,,10000,106500\n",
        [("2025-01-06", -350000, "CNY"), ("2025-01-07", 1000000, "CNY")],
    ),
    Export(
        "fr",
        "Date;Libellé;Débit euros;Crédit euros;Solde\n"
        "06/01/2025;CB TESCO;35,00;;965,00\n"
        "17/01/2025;VIR SMITH;;1 100,00;2 065,00\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-17", 110000, "CNY")],
    ),
    Export(
        "monzo",
        "Transaction ID,Date,Time,Type,Name,Emoji,Category,Amount,Currency,Local amount,Local currency,Notes and #tags,Address,Receipt,Description,Category split,Money Out,Money In\n"
        "tx_1,06/01/2025,10:11:12,Card payment,Tesco,,Groceries,-35.00,GBP,-35.00,GBP,,,,TESCO,,-35.00,\n"
        "tx_2,17/01/2025,10:11:12,Faster payment,Smith,,Income,100.00,GBP,100.00,GBP,,,,SMITH,,,100.00\n",
        [("2025-01-06", -3500, "GBP"), ("2025-01-17", 10000, "GBP")],
    ),
    Export(
        "n26",
        '"Booking Date","Value Date","Partner Name","Partner Iban",Type,"Payment Reference","Account Name","Amount (EUR)","Original Amount","Original Currency","Exchange Rate"\n'
        "2025-01-06,2025-01-06,Tesco,,Presentment,,Main,-35.00,-35.00,EUR,1\n"
        '2025-01-07,2025-01-07,Smith,DE1,"Credit Transfer",INV1,Main,100.00,,,\n',
        [("2025-01-06", -3500, "EUR"), ("2025-01-07", 10000, "EUR")],
    ),
    Export(
        "boa",
        "Description,,Summary Amt.\n"
        'Beginning balance as of 01/01/2025,,"1,000.00"\n'
        'Total credits,,"100.00"\n'
        'Total debits,,"-35.00"\n'
        'Ending balance as of 01/31/2025,,"1,065.00"\n'
        "Date,Description,Amount,Running Bal.\n"
        '01/01/2025,Beginning balance as of 01/01/2025,,"1,000.00"\n'
        '01/06/2025,"TESCO","-35.00","965.00"\n'
        '01/17/2025,"SMITH","100.00","1,065.00"\n',
        [("2025-01-06", -3500, "CNY"), ("2025-01-17", 10000, "CNY")],
    ),
    Export(
        "lloyds",
        "Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance\n"
        "06/01/2025,DEB,'11-22-33,12345678,TESCO,35.00,,965.00\n"
        "17/01/2025,FPI,'11-22-33,12345678,SMITH,,100.00,1065.00\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-17", 10000, "CNY")],
    ),
    Export(
        "singapore-dbs",
        "Account Details For:,DBS 123\n"
        "Statement as at:,31 Jan 2025\n"
        "Available Balance:,1000\n"
        "Transaction Date,Reference,Debit Amount,Credit Amount,Transaction Ref1,Transaction Ref2,Transaction Ref3\n"
        "06 Jan 2025,POS,35.00, ,TESCO,,\n"
        "07 Jan 2025,ICT, ,100.00,SMITH,,\n",
        [("2025-01-06", -3500, "CNY"), ("2025-01-07", 10000, "CNY")],
    ),
)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_an_export_never_seen_before_is_read_by_what_its_columns_are(export):
    found = read(export.text.encode())
    assert [(line.on_date, line.signed_minor, line.currency) for line in found.lines] == export.lines
    assert found.summary.not_understood == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("export", EXPORTS[::4], ids=lambda export: export.name)
def test_the_encoding_of_an_export_changes_nothing(export, encoding):
    found = read(export.text.encode(encoding))
    assert [(line.on_date, line.signed_minor, line.currency) for line in found.lines] == export.lines
